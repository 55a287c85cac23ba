#ifndef JACQUARD_FUZZER_H
#define JACQUARD_FUZZER_H

#include <stddef.h>
#include <stdint.h>

// What libFuzzer offers besides a program of its own (LLVM's documentation of libFuzzer, "Using libFuzzer as a library" and
// FuzzerInterface.h).

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*run)(const uint8_t *bytes, size_t count));

// Changes an input in place; gives its new length.
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t count, size_t most);

#endif
