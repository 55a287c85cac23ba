#ifndef JACQUARD_SHA256_H
#define JACQUARD_SHA256_H

#include <stddef.h>
#include <stdint.h>

// The compression function of SHA-256 (FIPS 180-4, section 6.2.2) over `count` whole blocks of 64 bytes.
void jacquard_sha256_portable(uint32_t state[8], const uint8_t *blocks, size_t count);

// The same with the processor's SHA instructions. Call only where jacquard_sha256_has_instructions() is not 0.
void jacquard_sha256_instructions(uint32_t state[8], const uint8_t *blocks, size_t count);

// Asks the processor (CPUID, which may take microseconds in a virtual machine: ask once).
int jacquard_sha256_has_instructions(void);

#endif
