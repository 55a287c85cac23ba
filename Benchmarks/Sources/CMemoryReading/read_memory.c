#include "CMemoryReading.h"

// Sixteen independent chains, so that neither the operation's latency nor the number of loads under way is the limit.
#define READ(NAME, WIDTH)                                                                                              \
    static unsigned long long NAME(const char *memory, unsigned long bytes) {                                          \
        typedef unsigned long long vector __attribute__((vector_size(WIDTH), aligned(WIDTH)));                         \
        enum { CHAINS = 16, BLOCK = CHAINS * WIDTH };                                                                   \
        vector seen[CHAINS];                                                                                            \
        for (int i = 0; i < CHAINS; i++) seen[i] = (vector){0};                                                         \
        for (unsigned long at = 0; at < bytes; at += BLOCK) {                                                           \
            _Pragma("clang loop unroll(full)")                                                                          \
            for (int i = 0; i < CHAINS; i++) seen[i] ^= *(const vector *)(memory + at + i * WIDTH);                    \
        }                                                                                                              \
        for (int i = 1; i < CHAINS; i++) seen[0] ^= seen[i];                                                            \
        unsigned long long result = 0;                                                                                  \
        for (unsigned long i = 0; i < WIDTH / sizeof result; i++) result ^= seen[0][i];                                \
        return result;                                                                                                  \
    }

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
READ(read_avx512, 64)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
READ(read_avx2, 32)
#pragma clang attribute pop
#endif
READ(read_anywhere, 16)

unsigned long long read_memory(const void *memory, unsigned long bytes) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return read_avx512(memory, bytes);
    if (__builtin_cpu_supports("avx2")) return read_avx2(memory, bytes);
#endif
    return read_anywhere(memory, bytes);
}
