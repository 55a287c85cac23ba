#ifndef JACQUARD_FAILING_DISK_H
#define JACQUARD_FAILING_DISK_H

#include <stdbool.h>
#include <stdint.h>

// A disk that fails, and one whose power goes. The program that links this has every call of the system's library that
// opens, reads, writes, locks, synchronizes, names or removes a file pass through here first, its own and those of the
// libraries that it uses: SQLite's as well as Foundation's. Files outside of the folder that is watched pass untouched.
//
// One thread acts at a time.

// Forgets everything that was planned and recorded, and takes what is in a folder as being on the disk. NULL: nothing is
// watched. While a folder is, no time passes but a millisecond whenever somebody looks at a clock.
void disk_watch(const char *folder);

// Seconds that have really passed since some moment.
double disk_seconds(void);

// MARK: Who acts

// Programs that share the disk, as far as they can be played by one: a number below this.
#define DISK_PROCESSES 8

// Whose operations come next. Each has a plan and a count of its own.
void disk_become(int process);

// Operations of the process that acts, since its last plan.
int disk_operation_count(void);

// MARK: What fails

enum disk_fault {
    disk_fault_none,
    // No room: ENOSPC from whatever may need some.
    disk_fault_full,
    // No rights: EACCES for names and locks, EROFS for contents.
    disk_fault_denied,
    // EIO from everything, ENOMEM where memory is mapped.
    disk_fault_io,
    // The first half is written, and no room is left for the rest.
    disk_fault_short,
    // The process is dead: nothing that it still does reaches the disk. Closing and unlocking, which the system does
    // for the dead, succeed.
    disk_fault_killed,
};

// The operation of this number (the next one is 1) fails, if there is such a fault of it; `forever`: all from then on.
// Counting begins again.
void disk_plan(enum disk_fault fault, int operation, bool forever);

// Whether there is such a fault of an operation that the process has done since its last plan.
bool disk_can_fail(enum disk_fault fault, int operation);

// Whether nothing fails or is counted for a while; what is done is recorded all the same.
void disk_pause(bool is_paused);

// How many operations have failed since the plan was made.
int disk_failure_count(void);

// The first one that failed: "pwrite jacquard.sqlite-wal". Empty if none did.
const char *disk_first_failure(void);

// Calls `body` once, when the process that acts is about to write to a file or to synchronize one, at the operation of
// this number or later; not where SQLite holds a lock on what all its connections share. `body` may act for another
// process; afterwards this one goes on.
void disk_interrupt(int operation, void (*body)(void *), void *context);

// Files that are watched and open.
int disk_open_count(void);

// A disk that lies: nothing is durable of a file whose name ends so, whatever is synchronized. NULL: it does not lie.
void disk_ignore_synchronizing(const char *ending);

// MARK: Power

// Everything that was done to the disk, in order: how many entries it has by now.
int disk_record_length(void);

// An entry in words.
const char *disk_record_text(int index);

// What may be left out of what was not synchronized.
enum disk_loss {
    // Nothing: as when all processes are killed, and the system lives.
    disk_loss_none,
    // All of it.
    disk_loss_all,
    // Whatever the seed says: all, what came last, one write, all but one, any writes, any sectors; and names apart
    // from contents. What was never written may hold anything.
    disk_loss_by_seed,
};

// Writes into an empty folder what a disk may hold when the power goes after the first `length` entries of the record.
// Returns false if that cannot be done.
bool disk_write_image(int length, enum disk_loss loss, uint64_t seed, const char *folder);

// What became of what was not synchronized in the last image, in words.
const char *disk_image_text(void);

#endif
