#include "calls.h"
#include "failing_disk.h"
#include "record.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What a disk may hold after a power cut. Nothing that was written is there for certain before its file was
// synchronized, and no name before its folder was; but a sector is the old one or a new one, and renaming is one act.

enum { sector = 512 };

// What is kept of what was not synchronized.
enum keeping {
    keep_none,
    keep_all,
    // What came first.
    keep_beginning,
    keep_all_but_one,
    keep_one,
    keep_some,
    keep_some_sectors,
};

static const char *const keeping_texts[] = {
    "none", "all", "the beginning", "all but one", "one", "some", "some sectors",
};

struct cut {
    uint64_t random;
    enum keeping contents, names;
    // What keep_beginning ends at; the one of keep_one and keep_all_but_one.
    int end, one;
    // Of 256.
    int share;
    // A file is as long as it would be with everything in it.
    bool keeps_lengths;
    // What was never written is not zeros.
    bool has_garbage;
};

static char text[300];

const char *disk_image_text(void) { return text; }

// splitmix64
static uint64_t next(struct cut *cut) {
    uint64_t z = (cut->random += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int below(struct cut *cut, int bound) { return bound <= 0 ? 0 : (int)(next(cut) % (uint64_t)bound); }

// MARK: What is durable

// The folder or file whose synchronization makes an entry durable, and was there one before `length`?
static bool is_durable(int index, int length) {
    const struct entry *entry = &disk.entries[index];
    bool is_content = entry->kind == entry_write || entry->kind == entry_truncate;
    for (int i = index + 1; i < length; i++) {
        const struct entry *other = &disk.entries[i];
        if (other->kind != entry_sync) continue;
        if (is_content ? other->node == entry->node
                       : other->node == entry->folder || (entry->old_folder >= 0 && other->node == entry->old_folder))
            return true;
    }
    return false;
}

// Whether an entry that is not durable is kept all the same.
static bool is_kept(struct cut *cut, int index, enum keeping keeping) {
    switch (keeping) {
    case keep_none: return false;
    case keep_all:
    case keep_some_sectors: return true;
    case keep_beginning: return index < cut->end;
    case keep_all_but_one: return index != cut->one;
    case keep_one: return index == cut->one;
    case keep_some: return below(cut, 256) < cut->share;
    }
    return true;
}

// MARK: Files

struct content {
    unsigned char *data;
    size_t length, room;
};

static void set_length(struct cut *cut, struct content *content, size_t length) {
    if (length > content->room) {
        content->room = length * 2;
        content->data = realloc(content->data, content->room);
        if (content->data == NULL) abort();
    }
    for (size_t i = content->length; i < length; i++) {
        content->data[i] = cut->has_garbage ? (unsigned char)next(cut) : 0;
    }
    content->length = length;
}

static void write_part(struct cut *cut, struct content *content, const struct entry *entry, size_t from, size_t to) {
    size_t end = (size_t)entry->offset + to;
    if (end > content->length) set_length(cut, content, end);
    memcpy(content->data + entry->offset + from, entry->data + from, to - from);
}

static void apply(struct cut *cut, struct content *content, const struct entry *entry, bool is_whole) {
    if (entry->kind == entry_truncate) {
        size_t length = (size_t)entry->offset;
        if (length < content->length) {
            content->length = length;
        } else {
            // A file that is made longer holds zeros there, also after a power cut.
            bool has_garbage = cut->has_garbage;
            cut->has_garbage = false;
            set_length(cut, content, length);
            cut->has_garbage = has_garbage;
        }
        return;
    }
    if (is_whole) return write_part(cut, content, entry, 0, entry->length);
    size_t from = 0;
    while (from < entry->length) {
        size_t to = ((size_t)entry->offset + from) / sector * sector + sector - (size_t)entry->offset;
        if (to > entry->length) to = entry->length;
        if (below(cut, 256) < cut->share) write_part(cut, content, entry, from, to);
        from = to;
    }
}

static bool ends_with(const char *name, const char *ending) {
    size_t length = strlen(name), tail = strlen(ending);
    return length >= tail && strcmp(name + length - tail, ending) == 0;
}

static bool write_file(struct cut *cut, int node, int length, const char *path) {
    struct content content = {NULL, 0, 0};
    set_length(cut, &content, disk.nodes[node].length);
    memcpy(content.data == NULL ? (unsigned char *)"" : content.data, disk.nodes[node].data, disk.nodes[node].length);
    size_t full = content.length;
    for (int i = 0; i < length; i++) {
        const struct entry *entry = &disk.entries[i];
        if (entry->node != node || (entry->kind != entry_write && entry->kind != entry_truncate)) continue;
        bool durable = is_durable(i, length);
        if (entry->kind == entry_truncate) {
            full = (size_t)entry->offset;
        } else if ((size_t)entry->offset + entry->length > full) {
            full = (size_t)entry->offset + entry->length;
        }
        if (durable) {
            apply(cut, &content, entry, true);
        } else if (is_kept(cut, i, cut->contents)) {
            apply(cut, &content, entry, cut->contents != keep_some_sectors);
        }
    }
    if (cut->keeps_lengths && content.length < full) set_length(cut, &content, full);
    // Memory that was shared through a file reaches the disk when the system likes.
    if (cut->has_garbage && ends_with(path, "-shm")) {
        for (size_t i = 0; i < content.length; i++) content.data[i] = (unsigned char)next(cut);
    }
    int descriptor = call_open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    size_t done = 0;
    while (descriptor >= 0 && done < content.length) {
        ssize_t count = call_pwrite(descriptor, content.data + done, content.length - done, (off_t)done);
        if (count <= 0) break;
        done += (size_t)count;
    }
    if (descriptor >= 0) call_close(descriptor);
    bool is_written = descriptor >= 0 && done == content.length;
    free(content.data);
    return is_written;
}

// MARK: Names

struct name {
    int folder;
    const char *text;
    int node;
};

struct names {
    struct name *list;
    int count;
};

static void remove_name(struct names *names, int folder, const char *text) {
    for (int i = 0; i < names->count; i++) {
        if (names->list[i].folder == folder && strcmp(names->list[i].text, text) == 0) {
            names->list[i] = names->list[--names->count];
            return;
        }
    }
}

static void set_name(struct names *names, int folder, const char *text, int node) {
    remove_name(names, folder, text);
    names->list[names->count++] = (struct name){folder, text, node};
}

static struct names names_after(struct cut *cut, int length) {
    size_t room = (size_t)(disk.name_count + length + 1);
    struct names names = {malloc(room * sizeof(struct name)), 0};
    if (names.list == NULL) abort();
    for (int i = 0; i < disk.name_count; i++) {
        set_name(&names, disk.names[i].folder, disk.names[i].name, disk.names[i].node);
    }
    for (int i = 0; i < length; i++) {
        const struct entry *entry = &disk.entries[i];
        if (entry->name == NULL || !(is_durable(i, length) || is_kept(cut, i, cut->names))) continue;
        if (entry->kind == entry_unname) {
            remove_name(&names, entry->folder, entry->name);
            continue;
        }
        if (entry->kind == entry_rename) remove_name(&names, entry->old_folder, entry->old_name);
        set_name(&names, entry->folder, entry->name, entry->node);
    }
    return names;
}

static bool write_folder(struct cut *cut, const struct names *names, int folder, int length, const char *path) {
    for (int i = 0; i < names->count; i++) {
        const struct name *name = &names->list[i];
        if (name->folder != folder) continue;
        char inner[PATH_MAX];
        snprintf(inner, sizeof inner, "%s/%s", path, name->text);
        const struct node *node = &disk.nodes[name->node];
        bool is_written = true;
        switch (node->kind) {
        case node_file: is_written = write_file(cut, name->node, length, inner); break;
        case node_link: is_written = call_symlink((const char *)node->data, inner) == 0; break;
        case node_folder:
            is_written =
                call_mkdir(inner, 0777) == 0 && write_folder(cut, names, name->node, length, inner);
            break;
        }
        if (!is_written) return false;
    }
    return true;
}

// MARK: Cuts

static struct cut cut_for(int length, enum disk_loss loss, uint64_t seed) {
    struct cut cut = {.random = seed};
    if (loss != disk_loss_by_seed) {
        cut.contents = cut.names = loss == disk_loss_none ? keep_all : keep_none;
        return cut;
    }
    cut.contents = (enum keeping)below(&cut, keep_some_sectors + 1);
    // Names have no sectors.
    cut.names = below(&cut, 2) == 0 && cut.contents != keep_some_sectors ? cut.contents
                                                                         : (enum keeping)below(&cut, keep_some + 1);
    // What happened last is what is most often not durable.
    int recent = length < 40 ? length : 40;
    cut.end = length - below(&cut, recent + 1);
    cut.one = length - 1 - below(&cut, recent);
    cut.share = below(&cut, 3) == 0 ? 128 : below(&cut, 2) == 0 ? 26 : 230;
    cut.keeps_lengths = below(&cut, 2) == 0;
    cut.has_garbage = below(&cut, 2) == 0;
    return cut;
}

bool disk_write_image(int length, enum disk_loss loss, uint64_t seed, const char *folder) {
    if (length > disk.entry_count || disk.root == NULL) return false;
    struct cut cut = cut_for(length, loss, seed);
    snprintf(
        text, sizeof text, "of contents %s, of names %s%s%s, after %d: %s", keeping_texts[cut.contents],
        keeping_texts[cut.names], cut.keeps_lengths ? ", lengths" : "", cut.has_garbage ? ", garbage" : "", length,
        length > 0 ? disk_record_text(length - 1) : "nothing");
    struct names names = names_after(&cut, length);
    bool is_written = write_folder(&cut, &names, 0, length, folder);
    free(names.list);
    return is_written;
}
