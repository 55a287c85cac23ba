#include "record.h"

#include "calls.h"
#include "failing_disk.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct record disk;

static void *grown(void *memory, int count, int *room, size_t size) {
    if (count < *room) return memory;
    *room = *room == 0 ? 64 : *room * 2;
    memory = realloc(memory, (size_t)*room * size);
    if (memory == NULL) abort();
    return memory;
}

static void *copied(const void *data, size_t length) {
    unsigned char *copy = malloc(length + 1);
    if (copy == NULL) abort();
    if (length > 0) memcpy(copy, data, length);
    copy[length] = 0;
    return copy;
}

static char *copied_text(const char *text) { return copied(text, strlen(text)); }

static void forget(void) {
    for (int i = 0; i < disk.entry_count; i++) {
        free(disk.entries[i].name);
        free(disk.entries[i].old_name);
        free(disk.entries[i].data);
    }
    for (int i = 0; i < disk.node_count; i++) free(disk.nodes[i].data);
    for (int i = 0; i < disk.name_count; i++) free(disk.names[i].name);
    free(disk.root);
    disk.root = NULL;
    disk.root_length = 0;
    disk.node_count = disk.entry_count = disk.name_count = 0;
}

int record_add_node(enum node_kind kind, dev_t device, ino_t inode, const void *data, size_t length) {
    disk.nodes = grown(disk.nodes, disk.node_count, &disk.node_room, sizeof(struct node));
    disk.nodes[disk.node_count] = (struct node){kind, device, inode, copied(data, length), length};
    return disk.node_count++;
}

// The last one first: a number that was free again may have been given to another file.
int record_find(dev_t device, ino_t inode) {
    for (int i = disk.node_count - 1; i >= 0; i--) {
        if (disk.nodes[i].inode == inode && disk.nodes[i].device == device) return i;
    }
    return -1;
}

static int read_file(const char *path, const struct stat *status) {
    size_t length = (size_t)status->st_size;
    unsigned char *data = malloc(length + 1);
    int descriptor = call_open(path, O_RDONLY | O_CLOEXEC, 0);
    if (data == NULL || descriptor < 0) abort();
    size_t done = 0;
    while (done < length) {
        ssize_t count = call_pread(descriptor, data + done, length - done, (off_t)done);
        if (count <= 0) break;
        done += (size_t)count;
    }
    call_close(descriptor);
    int node = record_add_node(node_file, status->st_dev, status->st_ino, data, done);
    free(data);
    return node;
}

static void read_folder(const char *path, int folder) {
    DIR *stream = opendir(path);
    if (stream == NULL) abort();
    struct dirent *found;
    while ((found = readdir(stream)) != NULL) {
        if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0) continue;
        char inner[PATH_MAX];
        snprintf(inner, sizeof inner, "%s/%s", path, found->d_name);
        struct stat status;
        if (lstat(inner, &status) != 0) abort();
        int node = record_find(status.st_dev, status.st_ino);
        if (S_ISDIR(status.st_mode)) {
            node = record_add_node(node_folder, status.st_dev, status.st_ino, NULL, 0);
            read_folder(inner, node);
        } else if (S_ISLNK(status.st_mode)) {
            char target[PATH_MAX];
            ssize_t length = readlink(inner, target, sizeof target);
            node = record_add_node(node_link, status.st_dev, status.st_ino, target, length < 0 ? 0 : (size_t)length);
        } else if (node < 0) {
            node = read_file(inner, &status);
        }
        disk.names = grown(disk.names, disk.name_count, &disk.name_room, sizeof(struct base_name));
        disk.names[disk.name_count++] = (struct base_name){folder, copied_text(found->d_name), node};
    }
    closedir(stream);
}

void record_begin(const char *root) {
    forget();
    if (root == NULL) return;
    disk.root = copied_text(root);
    disk.root_length = strlen(root);
    struct stat status;
    if (stat(root, &status) != 0) abort();
    read_folder(root, record_add_node(node_folder, status.st_dev, status.st_ino, NULL, 0));
}

// MARK: Entries

static struct entry *add(enum entry_kind kind, int node) {
    disk.entries = grown(disk.entries, disk.entry_count, &disk.entry_room, sizeof(struct entry));
    struct entry *entry = &disk.entries[disk.entry_count++];
    *entry = (struct entry){.kind = kind, .node = node, .folder = -1, .old_folder = -1};
    return entry;
}

void record_write(int node, int64_t offset, const void *data, size_t length) {
    struct entry *entry = add(entry_write, node);
    entry->offset = offset;
    entry->length = length;
    entry->data = copied(data, length);
}

void record_truncate(int node, int64_t length) { add(entry_truncate, node)->offset = length; }

void record_sync(int node) { add(entry_sync, node); }

void record_name(int folder, const char *name, int node) {
    struct entry *entry = add(entry_name, node);
    entry->folder = folder;
    entry->name = copied_text(name);
}

void record_unname(int folder, const char *name) {
    struct entry *entry = add(entry_unname, -1);
    entry->folder = folder;
    entry->name = copied_text(name);
}

void record_rename(int old_folder, const char *old_name, int folder, const char *name, int node) {
    struct entry *entry = add(entry_rename, node);
    entry->folder = folder;
    entry->name = copied_text(name);
    entry->old_folder = old_folder;
    entry->old_name = copied_text(old_name);
}

int disk_record_length(void) { return disk.entry_count; }

// A name that led to a node.
static const char *name_of(int node) {
    for (int i = disk.entry_count - 1; i >= 0; i--) {
        if (disk.entries[i].node == node && disk.entries[i].name != NULL) return disk.entries[i].name;
    }
    for (int i = 0; i < disk.name_count; i++) {
        if (disk.names[i].node == node) return disk.names[i].name;
    }
    return "the folder";
}

const char *disk_record_text(int index) {
    static char text[600];
    if (index < 0 || index >= disk.entry_count) return "nothing";
    const struct entry *entry = &disk.entries[index];
    switch (entry->kind) {
    case entry_write:
        snprintf(
            text, sizeof text, "write %s, %zu bytes at %lld", name_of(entry->node), entry->length,
            (long long)entry->offset);
        break;
    case entry_truncate:
        snprintf(text, sizeof text, "truncate %s to %lld", name_of(entry->node), (long long)entry->offset);
        break;
    case entry_sync: snprintf(text, sizeof text, "sync %s", name_of(entry->node)); break;
    case entry_name: snprintf(text, sizeof text, "make %s", entry->name); break;
    case entry_unname: snprintf(text, sizeof text, "remove %s", entry->name); break;
    case entry_rename: snprintf(text, sizeof text, "rename %s to %s", entry->old_name, entry->name); break;
    }
    return text;
}
