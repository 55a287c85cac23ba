// How fast memory can be read: the limit of whatever walks over all weights once.
#ifndef CMEMORYREADING_H
#define CMEMORYREADING_H

// Reads `bytes` (a multiple of 1024) at `memory`, aligned to 64, with the widest loads of the processor, and returns
// something that depends on all of them.
unsigned long long read_memory(const void *memory, unsigned long bytes);

#endif
