#ifndef JACQUARD_DISK_CALLS_H
#define JACQUARD_DISK_CALLS_H

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// The kernel's own calls, which pass through nothing.

static inline int call_open(const char *path, int flags, mode_t mode) {
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}
static inline int call_close(int descriptor) { return (int)syscall(SYS_close, descriptor); }
static inline ssize_t call_read(int descriptor, void *data, size_t length) {
    return syscall(SYS_read, descriptor, data, length);
}
static inline ssize_t call_write(int descriptor, const void *data, size_t length) {
    return syscall(SYS_write, descriptor, data, length);
}
static inline ssize_t call_pread(int descriptor, void *data, size_t length, off_t offset) {
    return syscall(SYS_pread64, descriptor, data, length, offset);
}
static inline ssize_t call_pwrite(int descriptor, const void *data, size_t length, off_t offset) {
    return syscall(SYS_pwrite64, descriptor, data, length, offset);
}
static inline int call_ftruncate(int descriptor, off_t length) {
    return (int)syscall(SYS_ftruncate, descriptor, length);
}
static inline int call_unlink(const char *path) { return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0); }
static inline int call_rmdir(const char *path) { return (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR); }
static inline int call_mkdir(const char *path, mode_t mode) { return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode); }
static inline int call_rename(const char *from, const char *to) {
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}
static inline int call_link(const char *from, const char *to) {
    return (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}
static inline int call_symlink(const char *target, const char *path) {
    return (int)syscall(SYS_symlinkat, target, AT_FDCWD, path);
}

#endif
