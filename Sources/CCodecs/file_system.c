#define _GNU_SOURCE  // syncfs
#include "file_system.h"

#include <unistd.h>

int jacquard_synchronize_file_system(int descriptor) {
#ifdef __linux__
    return syncfs(descriptor);
#else
    (void)descriptor;
    sync();
    return 0;
#endif
}
