/* The disk of one simulated node: named files in memory, what of them is durable, and what a crash
 * leaves. It knows no SQLite and no virtual time.
 *
 * What a program sees (reads, names) is always its own latest state. What is durable lags behind:
 *   - Content written to a file is durable when a sync of that file has succeeded.
 *   - A name that was made, replaced or removed is so durably when the names were synced (fsync of
 *     the folder), or when the file that it leads to was synced.
 *
 * A power cut (SIM_CRASH_POWER, or SIM_CRASH_WORST without a draw) keeps what is durable. For the
 * rest one of four styles is drawn:
 *   - lose: all of it is gone;
 *   - keep: all of it had reached the platter;
 *   - prefix: of each file the first few writes, in order, the last of them torn; of the names the
 *     first few changes;
 *   - mixed: each write by itself is kept, lost or torn, so a later one may survive an earlier one;
 *     each change of names too, but never one that follows a lost change of the same name or file.
 * A torn write keeps some of the sectors of SIM_SECTOR_BYTES that it covers, each one whole. A lost
 * write that would have made the file longer may leave it longer, with zeros. Bytes outside of what
 * was written are never touched (SQLite's POWERSAFE_OVERWRITE), and a rename happens or does not.
 *
 * What nobody syncs becomes durable in the end, too, when very much of it has gathered.
 *
 * A sync that fails has lost a drawn part of what it was to make durable for good, even if a later
 * sync succeeds; the running program still reads it (as Linux does since 4.13).
 *
 * Jobs. What runs on another thread in the daemon runs at one instant in the simulator, but takes
 * until its end is told. Until then its operations are kept apart, and a crash draws after which of
 * them the power went. Nothing of a job counts as durable before its end, unless another touches
 * the same file.
 *
 * One thread. Without memory the program aborts. */
#ifndef RH_HOST_SIM_SIM_DISK_H
#define RH_HOST_SIM_SIM_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ringhost/types.h>

#define SIM_SECTOR_BYTES 512u
#define SIM_FILES_MAX    4096u /* names on a disk */
#define SIM_FILE_BYTES_MAX                                                \
    (256u * 1024u * 1024u) /* of one file: a longer one meets a full disk \
                            */
#define SIM_FILE_NAME_MAX 255u
#define SIM_DISK_SLOW_US  120000 /* most that a job on a slow disk takes longer */

struct sim_disk;
struct sim_file;

enum sim_crash {
    SIM_CRASH_PLAIN, /* the process ends between two jobs: all that it wrote stays, unsynced too */
    SIM_CRASH_KILL,  /* the process ends at any instant of its jobs: what it wrote until then stays
                      */
    SIM_CRASH_POWER, /* the machine ends at any instant: only what is durable is sure to stay */
    SIM_CRASH_WORST, /* the machine ends, and nothing else stays; of jobs under way nothing */
};

enum sim_fault {
    SIM_FAULT_READ,  /* RH_EIO */
    SIM_FAULT_WRITE, /* RH_EIO; also truncation */
    SIM_FAULT_SYNC,  /* RH_EIO; of files and of names */
    SIM_FAULT_GROW,  /* RH_ENOSPACE for a write that makes its file longer */
    SIM_FAULT_COUNT
};

/* What happened since the disk was made; crashes do not set it back. */
struct sim_disk_counts {
    uint64_t reads, writes, syncs;
    uint64_t bites[SIM_FAULT_COUNT]; /* operations that a fault refused */
    uint64_t doomed;                 /* writes that a failed sync gave up */
    uint64_t slowed;                 /* jobs that took longer */
    uint64_t crashes;
    uint64_t cut_jobs;         /* jobs of which a crash left a part */
    uint64_t kept, lost, torn; /* unsynced writes at power cuts */
    uint64_t undone_names;     /* unsynced changes of names that power cuts took back */
};

/* An empty disk. All its draws come from the seed. */
struct sim_disk *sim_disk_new(uint64_t seed);
/* All files are closed. NULL is allowed. */
void sim_disk_free(struct sim_disk *disk);
/* The disk that the node finds after a crash, everything on it live; faults, slowness and counts go
 * on. The old one stays as it was, free of faults, for a program that has yet to end in it. */
struct sim_disk *sim_disk_crash(struct sim_disk *disk, enum sim_crash how);
/* Nobody will look at the disk any more, as after a crash: no file of it is locked for one program
 * alone, so that SQLite does not tidy up as it closes. */
void sim_disk_abandon(struct sim_disk *disk);
bool sim_disk_is_abandoned(const struct sim_disk *disk);

/* Open a file, making it if it is absent and `make` says so. name NULL: a nameless one, that is
 * gone when closed. NULL: absent, no room for a name, or a name too long. Close it. */
struct sim_file *sim_disk_open(struct sim_disk *disk, const char *name, bool make);
void sim_disk_close(struct sim_disk *disk, struct sim_file *file);
/* *got is less than n only at the end of the file. RH_OK or RH_EIO. */
int32_t sim_disk_read(struct sim_disk *disk, struct sim_file *file, uint64_t at, void *to, size_t n,
                      size_t *got);
/* All or nothing: RH_OK, RH_EIO or RH_ENOSPACE. */
int32_t sim_disk_write(struct sim_disk *disk, struct sim_file *file, uint64_t at, const void *from,
                       size_t n);
int32_t sim_disk_truncate(struct sim_disk *disk, struct sim_file *file, uint64_t bytes);
/* RH_OK or RH_EIO. */
int32_t sim_disk_sync(struct sim_disk *disk, struct sim_file *file);
uint64_t sim_disk_size(const struct sim_file *file);

/* RH_OK or RH_ENOTFOUND. An open file lives on without its name. */
int32_t sim_disk_remove(struct sim_disk *disk, const char *name);
/* Replaces `to`. RH_OK, RH_ENOTFOUND, RH_EINVAL (a name too long). */
int32_t sim_disk_rename(struct sim_disk *disk, const char *from, const char *to);
/* RH_OK or RH_EIO. */
int32_t sim_disk_sync_names(struct sim_disk *disk);
/* The file of this name without opening it, or NULL. Borrowed until the name changes. */
struct sim_file *sim_disk_find(struct sim_disk *disk, const char *name);
/* Steps through the names; *cursor starts at 0; false at the end. */
bool sim_disk_next(const struct sim_disk *disk, uint32_t *cursor, struct rh_str *name);

/* What would be left of a file if the power went now and took all it can. False: no such file, or
 * it is not durable. Borrowed until the next operation. */
bool sim_disk_durable(const struct sim_disk *disk, struct rh_str name, struct rh_str *out);
/* Grows whenever something has become durable, and by a crash. */
uint64_t sim_disk_generation(const struct sim_disk *disk);

/* Operations from here belong to a job, until leave, which returns its number for end; 0 = it did
 * nothing, and there is no end. Jobs do not nest. */
void sim_disk_job_enter(struct sim_disk *disk);
uint64_t sim_disk_job_leave(struct sim_disk *disk);
/* The job has ended in time: all it did has happened. Unknown numbers are allowed. */
void sim_disk_job_end(struct sim_disk *disk, uint64_t job);

/* Refuse the n-th operation of the kind from now on (1 = the next), and all after it if it lasts.
 * n = 0 lifts the fault. */
void sim_disk_fault(struct sim_disk *disk, enum sim_fault kind, uint32_t n, bool lasts);
/* Whether reads pass by all faults and count for none: an observer looks. */
void sim_disk_spare_reads(struct sim_disk *disk, bool is_spared);
/* Whether jobs take longer. */
void sim_disk_slow(struct sim_disk *disk, bool is_slow);
/* How much longer a job that used the disk takes, drawn: 0 to SIM_DISK_SLOW_US; 0 if not slow. */
int64_t sim_disk_delay_us(struct sim_disk *disk);
struct sim_disk_counts sim_disk_counts(const struct sim_disk *disk);
/* A random number of this disk. */
uint64_t sim_disk_random(struct sim_disk *disk);

/* What SQLite connections share on a file: see sim_share.h. */
struct sim_sharing *sim_file_sharing(struct sim_file *file);

#endif
