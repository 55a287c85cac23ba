#ifndef JACQUARD_FILE_SYSTEM_H
#define JACQUARD_FILE_SYSTEM_H

// Waits until the disk has all that was written to the file system that an open file lies on; 0, or -1 and errno. Only
// a wider call, for everything that is mounted, is visible from Swift.
int jacquard_synchronize_file_system(int descriptor);

#endif
