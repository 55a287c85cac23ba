// For the calls whose names end in 64.
#define _GNU_SOURCE

#include "calls.h"
#include "failing_disk.h"
#include "record.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

// MARK: Which files

enum { descriptors = 4096 };

// The node of each descriptor of a file that is watched, and 1 added to it.
static int watched[descriptors];
static char shown[descriptors][64];

static int node_of(int descriptor) {
    return descriptor >= 0 && descriptor < descriptors ? watched[descriptor] - 1 : -1;
}

static void show(int descriptor, const char *path) {
    const char *name = strrchr(path, '/');
    snprintf(shown[descriptor], sizeof shown[descriptor], "%s", name == NULL ? path : name + 1);
}

// The path in full, if it is in the folder that is watched.
static const char *watched_path(const char *path, char *buffer) {
    if (disk.root == NULL) return NULL;
    if (path[0] != '/') {
        char here[PATH_MAX];
        if (getcwd(here, sizeof here) == NULL) return NULL;
        snprintf(buffer, PATH_MAX, "%s/%s", here, path);
    } else {
        snprintf(buffer, PATH_MAX, "%s", path);
    }
    if (strncmp(buffer, disk.root, disk.root_length) != 0) return NULL;
    char after = buffer[disk.root_length];
    return after == '/' || after == 0 ? buffer : NULL;
}

// The node of the folder that a path is in, and the name there.
static int folder_of(const char *path, const char **name) {
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    *name = path + (slash - folder) + 1;
    *slash = 0;
    struct stat status;
    return stat(folder, &status) == 0 ? record_find(status.st_dev, status.st_ino) : -1;
}

static int node_at(const char *path) {
    struct stat status;
    return lstat(path, &status) == 0 ? record_find(status.st_dev, status.st_ino) : -1;
}

static int64_t milliseconds;

int disk_open_count(void) {
    int count = 0;
    for (int i = 0; i < descriptors; i++) count += watched[i] != 0;
    return count;
}

void disk_watch(const char *folder) {
    memset(watched, 0, sizeof watched);
    milliseconds = 0;
    record_begin(folder);
}

// MARK: What fails

enum { most_operations = 100000 };

struct plan {
    enum disk_fault fault;
    int operation;
    bool forever;
    int count, failures;
    char first[128];
    int interruption;
    void (*body)(void *);
    void *context;
    // What the operations were.
    unsigned char sorts[most_operations];
};

static struct plan plans[DISK_PROCESSES];
static int acting;
static bool paused;

void disk_become(int process) { acting = process; }
void disk_pause(bool is_paused) { paused = is_paused; }
int disk_operation_count(void) { return plans[acting].count; }
int disk_failure_count(void) { return plans[acting].failures; }
const char *disk_first_failure(void) { return plans[acting].first; }

void disk_plan(enum disk_fault fault, int operation, bool forever) {
    struct plan *plan = &plans[acting];
    plan->fault = fault;
    plan->operation = operation;
    plan->forever = forever;
    plan->count = plan->failures = 0;
    plan->first[0] = 0;
    plan->body = NULL;
}

void disk_interrupt(int operation, void (*body)(void *), void *context) {
    struct plan *plan = &plans[acting];
    plan->interruption = operation;
    plan->body = body;
    plan->context = context;
}

// What an operation does, as far as faults differ.
enum sort {
    sort_read,
    sort_write,
    // Needs room, but writes nothing.
    sort_room,
    // Changes contents, and needs no room.
    sort_change,
    // Changes names, some of which need room.
    sort_name,
    sort_name_with_room,
    sort_lock,
    sort_map,
    sort_close,
};

static int error_of(enum disk_fault fault, enum sort sort) {
    bool needs_room = sort == sort_write || sort == sort_room || sort == sort_name_with_room;
    switch (fault) {
    case disk_fault_none: return 0;
    case disk_fault_full: return needs_room ? ENOSPC : sort == sort_map ? ENOMEM : 0;
    case disk_fault_short: return needs_room ? ENOSPC : 0;
    case disk_fault_denied:
        return sort == sort_write || sort == sort_room || sort == sort_change ? EROFS
             : sort == sort_name || sort == sort_name_with_room || sort == sort_lock ? EACCES
                                                                                     : 0;
    case disk_fault_io: return sort == sort_map ? ENOMEM : EIO;
    case disk_fault_killed: return sort == sort_close ? 0 : EIO;
    }
    return 0;
}

bool disk_can_fail(enum disk_fault fault, int operation) {
    const struct plan *plan = &plans[acting];
    return operation >= 1 && operation <= plan->count && operation <= most_operations
        && error_of(fault, (enum sort)plan->sorts[operation - 1]) != 0;
}

// Counts an operation of the process that acts. Returns the number of an error that it fails with, or 0.
static int failure(enum sort sort, const char *call, const char *file) {
    if (paused) return 0;
    struct plan *plan = &plans[acting];
    if (plan->count < most_operations) plan->sorts[plan->count] = (unsigned char)sort;
    plan->count++;
    if (plan->fault == disk_fault_none || plan->count < plan->operation) return 0;
    if (plan->count > plan->operation && !plan->forever && plan->fault != disk_fault_killed) return 0;
    int error = error_of(plan->fault, sort);
    if (error == 0) return 0;
    if (plan->failures++ == 0) snprintf(plan->first, sizeof plan->first, "%s %s", call, file);
    return error;
}

static int failure_at(enum sort sort, const char *call, const char *path) {
    const char *name = strrchr(path, '/');
    return failure(sort, call, name == NULL ? path : name + 1);
}

static bool is_shared_memory(int descriptor) {
    const char *name = shown[descriptor];
    size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, "-shm") == 0;
}

static void let_others_act(int descriptor) {
    struct plan *plan = &plans[acting];
    if (paused || plan->body == NULL || plan->count + 1 < plan->interruption || is_shared_memory(descriptor)) return;
    void (*body)(void *) = plan->body;
    plan->body = NULL;
    int before = acting;
    body(plan->context);
    acting = before;
}

#define FAIL(error) return errno = (error), -1

// MARK: Files

static int open_watched(const char *path, int flags, mode_t mode) {
    char buffer[PATH_MAX];
    const char *full = watched_path(path, buffer);
    if (full == NULL) return call_open(path, flags, mode);
    struct stat status;
    bool was_there = stat(full, &status) == 0, makes = (flags & O_CREAT) != 0 && !was_there;
    int error = failure_at(makes ? sort_name_with_room : sort_name, "open", full);
    if (error != 0) FAIL(error);
    int descriptor = call_open(path, flags, mode);
    if (descriptor < 0 || descriptor >= descriptors) return descriptor;
    if (fstat(descriptor, &status) != 0) return descriptor;
    int node = was_there ? record_find(status.st_dev, status.st_ino) : -1;
    if (node < 0) {
        const char *name;
        int folder = folder_of(full, &name);
        node = record_add_node(
            S_ISDIR(status.st_mode) ? node_folder : node_file, status.st_dev, status.st_ino, NULL, 0);
        record_name(folder, name, node);
    } else if ((flags & O_TRUNC) != 0) {
        record_truncate(node, 0);
    }
    watched[descriptor] = node + 1;
    show(descriptor, full);
    return descriptor;
}

int open(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(list, mode_t) : 0;
    va_end(list);
    return open_watched(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(list, mode_t) : 0;
    va_end(list);
    return open_watched(path, flags | O_LARGEFILE, mode);
}

int close(int descriptor) {
    int node = node_of(descriptor);
    if (node < 0) return call_close(descriptor);
    int error = failure(sort_close, "close", shown[descriptor]);
    watched[descriptor] = 0;
    int result = call_close(descriptor);
    if (error != 0) FAIL(error);
    return result;
}

// MARK: Contents

ssize_t read(int descriptor, void *data, size_t length) {
    if (node_of(descriptor) >= 0) {
        int error = failure(sort_read, "read", shown[descriptor]);
        if (error != 0) FAIL(error);
    }
    return call_read(descriptor, data, length);
}

static ssize_t pread_watched(int descriptor, void *data, size_t length, off_t offset) {
    if (node_of(descriptor) >= 0) {
        int error = failure(sort_read, "pread", shown[descriptor]);
        if (error != 0) FAIL(error);
    }
    return call_pread(descriptor, data, length, offset);
}

ssize_t pread(int descriptor, void *data, size_t length, off_t offset) {
    return pread_watched(descriptor, data, length, offset);
}

ssize_t pread64(int descriptor, void *data, size_t length, off_t offset) {
    return pread_watched(descriptor, data, length, offset);
}

// How much of a write reaches the file: all of it; or half, with an error or none. A process may die in the middle.
static size_t part_written(int error, size_t length, bool *fails) {
    struct plan *plan = &plans[acting];
    bool is_first = plan->failures == 1;
    *fails = error != 0;
    if (error == 0) return length;
    if (plan->fault == disk_fault_short && is_first && length > 1) {
        *fails = false;
        // The rest of what the caller wants finds no room.
        plan->operation = plan->count + 1;
        return length / 2;
    }
    return plan->fault == disk_fault_killed && is_first ? length / 2 : 0;
}

static ssize_t write_watched(int descriptor, const void *data, size_t length, off_t offset, bool is_placed) {
    int node = node_of(descriptor);
    if (node < 0) {
        return is_placed ? call_pwrite(descriptor, data, length, offset) : call_write(descriptor, data, length);
    }
    let_others_act(descriptor);
    int error = failure(sort_write, is_placed ? "pwrite" : "write", shown[descriptor]);
    bool fails;
    size_t part = part_written(error, length, &fails);
    if (!is_placed) offset = lseek(descriptor, 0, SEEK_CUR);
    ssize_t count = 0;
    if (part > 0 || length == 0) {
        count = is_placed ? call_pwrite(descriptor, data, part, offset) : call_write(descriptor, data, part);
        if (count > 0) record_write(node, offset, data, (size_t)count);
    }
    if (fails) FAIL(error);
    return count;
}

ssize_t write(int descriptor, const void *data, size_t length) {
    return write_watched(descriptor, data, length, 0, false);
}

ssize_t pwrite(int descriptor, const void *data, size_t length, off_t offset) {
    return write_watched(descriptor, data, length, offset, true);
}

ssize_t pwrite64(int descriptor, const void *data, size_t length, off_t offset) {
    return write_watched(descriptor, data, length, offset, true);
}

static int truncate_watched(int descriptor, off_t length) {
    int node = node_of(descriptor);
    if (node < 0) return call_ftruncate(descriptor, length);
    let_others_act(descriptor);
    struct stat status;
    bool grows = fstat(descriptor, &status) == 0 && length > status.st_size;
    int error = failure(grows ? sort_room : sort_change, "ftruncate", shown[descriptor]);
    if (error != 0) FAIL(error);
    int result = call_ftruncate(descriptor, length);
    if (result == 0) record_truncate(node, length);
    return result;
}

int ftruncate(int descriptor, off_t length) { return truncate_watched(descriptor, length); }
int ftruncate64(int descriptor, off_t length) { return truncate_watched(descriptor, length); }

static char ignored[64];
static bool ignores;

void disk_ignore_synchronizing(const char *ending) {
    ignores = ending != NULL;
    snprintf(ignored, sizeof ignored, "%s", ending == NULL ? "" : ending);
}

static bool is_ignored(const char *name) {
    size_t length = strlen(name), tail = strlen(ignored);
    return ignores && length >= tail && strcmp(name + length - tail, ignored) == 0;
}

static int synchronize(int descriptor, const char *call, long number) {
    int node = node_of(descriptor);
    if (node < 0) return (int)syscall(number, descriptor);
    if (disk.nodes[node].kind == node_file) let_others_act(descriptor);
    // What finds no room may be noticed as late as this.
    int error = failure(sort_room, call, shown[descriptor]);
    if (error != 0) FAIL(error);
    if (!is_ignored(shown[descriptor])) record_sync(node);
    return 0;
}

int fsync(int descriptor) { return synchronize(descriptor, "fsync", SYS_fsync); }
int fdatasync(int descriptor) { return synchronize(descriptor, "fdatasync", SYS_fdatasync); }

// MARK: Names

int unlink(const char *path) {
    char buffer[PATH_MAX];
    const char *full = watched_path(path, buffer), *name;
    if (full == NULL) return call_unlink(path);
    int error = failure_at(sort_name, "unlink", full);
    if (error != 0) FAIL(error);
    int folder = folder_of(full, &name), result = call_unlink(path);
    if (result == 0) record_unname(folder, name);
    return result;
}

int rmdir(const char *path) {
    char buffer[PATH_MAX];
    const char *full = watched_path(path, buffer), *name;
    if (full == NULL) return call_rmdir(path);
    int error = failure_at(sort_name, "rmdir", full);
    if (error != 0) FAIL(error);
    int folder = folder_of(full, &name), result = call_rmdir(path);
    if (result == 0) record_unname(folder, name);
    return result;
}

int mkdir(const char *path, mode_t mode) {
    char buffer[PATH_MAX];
    const char *full = watched_path(path, buffer), *name;
    if (full == NULL) return call_mkdir(path, mode);
    int error = failure_at(sort_name_with_room, "mkdir", full);
    if (error != 0) FAIL(error);
    int result = call_mkdir(path, mode);
    struct stat status;
    if (result == 0 && lstat(full, &status) == 0) {
        int folder = folder_of(full, &name);
        record_name(folder, name, record_add_node(node_folder, status.st_dev, status.st_ino, NULL, 0));
    }
    return result;
}

int rename(const char *from, const char *to) {
    char buffer[PATH_MAX], other[PATH_MAX];
    const char *full = watched_path(to, buffer), *old = watched_path(from, other), *name, *old_name;
    if (full == NULL || old == NULL) return call_rename(from, to);
    int error = failure_at(sort_name_with_room, "rename", full);
    if (error != 0) FAIL(error);
    int node = node_at(old), old_folder = folder_of(old, &old_name), folder = folder_of(full, &name);
    int result = call_rename(from, to);
    if (result == 0) record_rename(old_folder, old_name, folder, name, node);
    return result;
}

int link(const char *from, const char *to) {
    char buffer[PATH_MAX], other[PATH_MAX];
    const char *full = watched_path(to, buffer), *old = watched_path(from, other), *name;
    if (full == NULL || old == NULL) return call_link(from, to);
    int error = failure_at(sort_name_with_room, "link", full);
    if (error != 0) FAIL(error);
    int node = node_at(old), result = call_link(from, to);
    if (result == 0) {
        int folder = folder_of(full, &name);
        record_name(folder, name, node);
    }
    return result;
}

int symlink(const char *target, const char *path) {
    char buffer[PATH_MAX];
    const char *full = watched_path(path, buffer), *name;
    if (full == NULL) return call_symlink(target, path);
    int error = failure_at(sort_name_with_room, "symlink", full);
    if (error != 0) FAIL(error);
    int result = call_symlink(target, path);
    struct stat status;
    if (result == 0 && lstat(full, &status) == 0) {
        int folder = folder_of(full, &name);
        record_name(
            folder, name, record_add_node(node_link, status.st_dev, status.st_ino, target, strlen(target)));
    }
    return result;
}

// MARK: Locks, memory and time

static int control(int descriptor, int command, void *argument) {
    if (node_of(descriptor) >= 0 && (command == F_SETLK || command == F_SETLKW)
        && ((const struct flock *)argument)->l_type != F_UNLCK) {
        int error = failure(sort_lock, "lock", shown[descriptor]);
        if (error != 0) FAIL(error);
    }
    return (int)syscall(SYS_fcntl, descriptor, command, argument);
}

int fcntl(int descriptor, int command, ...) {
    va_list list;
    va_start(list, command);
    void *argument = va_arg(list, void *);
    va_end(list);
    return control(descriptor, command, argument);
}

int fcntl64(int descriptor, int command, ...) {
    va_list list;
    va_start(list, command);
    void *argument = va_arg(list, void *);
    va_end(list);
    return control(descriptor, command, argument);
}

static void *map(void *address, size_t length, int protection, int flags, int descriptor, off_t offset) {
    if ((flags & MAP_ANONYMOUS) == 0 && node_of(descriptor) >= 0) {
        int error = failure(sort_map, "mmap", shown[descriptor]);
        if (error != 0) return errno = error, MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, address, length, protection, flags, descriptor, offset);
}

void *mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset) {
    return map(address, length, protection, flags, descriptor, offset);
}

void *mmap64(void *address, size_t length, int protection, int flags, int descriptor, off_t offset) {
    return map(address, length, protection, flags, descriptor, offset);
}

// While a disk is watched, time passes only where somebody asks for it: what depends on it is the same each time.
int clock_gettime(clockid_t clock, struct timespec *time) {
    if (disk.root == NULL) return (int)syscall(SYS_clock_gettime, clock, time);
    milliseconds++;
    // In the year 2027.
    time->tv_sec = (clock == CLOCK_REALTIME ? 1800000000 : 100000) + milliseconds / 1000;
    time->tv_nsec = milliseconds % 1000 * 1000000;
    return 0;
}

double disk_seconds(void) {
    struct timespec time;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

// Nobody waits for a disk that is watched: whoever could give way acts in the same thread.
int usleep(useconds_t microseconds) {
    if (disk.root != NULL) return 0;
    struct timespec time = {microseconds / 1000000, (long)(microseconds % 1000000) * 1000};
    return (int)syscall(SYS_nanosleep, &time, NULL);
}

int nanosleep(const struct timespec *time, struct timespec *left) {
    if (disk.root != NULL) return 0;
    return (int)syscall(SYS_nanosleep, time, left);
}
