#ifndef JACQUARD_DISK_RECORD_H
#define JACQUARD_DISK_RECORD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// What was done to the files that are watched.

enum entry_kind {
    entry_write,
    entry_truncate,
    entry_sync,
    // A name in a folder leads to a file, a link or another folder.
    entry_name,
    entry_unname,
    // Both at once.
    entry_rename,
};

struct entry {
    enum entry_kind kind;
    // What is written to, or what a name leads to.
    int node;
    // The folder that a name is in, and the name.
    int folder;
    char *name;
    // For a rename, where the name was.
    int old_folder;
    char *old_name;
    int64_t offset;
    size_t length;
    unsigned char *data;
};

enum node_kind { node_file, node_folder, node_link };

// A file by whatever names.
struct node {
    enum node_kind kind;
    dev_t device;
    ino_t inode;
    // What was in it when watching began; of a link, where it leads.
    unsigned char *data;
    size_t length;
};

// A name that was there when watching began.
struct base_name {
    int folder;
    char *name;
    int node;
};

struct record {
    char *root;
    size_t root_length;
    struct node *nodes;
    int node_count, node_room;
    struct entry *entries;
    int entry_count, entry_room;
    struct base_name *names;
    int name_count, name_room;
};

extern struct record disk;

// Forgets all, and reads what is in a folder.
void record_begin(const char *root);
// The node of a file that exists; -1 if it is not known.
int record_find(dev_t device, ino_t inode);
int record_add_node(enum node_kind kind, dev_t device, ino_t inode, const void *data, size_t length);
// Takes over nothing; strings and data are copied.
void record_write(int node, int64_t offset, const void *data, size_t length);
void record_truncate(int node, int64_t length);
void record_sync(int node);
void record_name(int folder, const char *name, int node);
void record_unname(int folder, const char *name);
void record_rename(int old_folder, const char *old_name, int folder, const char *name, int node);

#endif
