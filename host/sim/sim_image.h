/* What an SQLite database holds, from the bytes of its file and of its write-ahead log: the pages
 * of the last commit, as a file in rollback mode. It is brought up to date by the new frames alone.
 *
 * Pure. Source: SQLite's file format, https://sqlite.org/fileformat2.html, sections 1.3 and 4. */
#ifndef RH_HOST_SIM_SIM_IMAGE_H
#define RH_HOST_SIM_SIM_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/types.h>

#include "host/sim/sim_bytes.h"

/* A zeroed one is empty and in need of all. */
struct sim_image {
    struct sim_bytes bytes;
    unsigned char wal_header[32]; /* of the log that was read */
    size_t wal_at;                /* behind its last commit that is in bytes; 0 = no log was read */
    uint32_t sums[2];             /* checksum up to there */
    uint32_t page_bytes;
    uint32_t changes; /* counts updates: SQLite's caches go by it */
};

void sim_image_release(struct sim_image *image);
/* Brings it up to db and wal. anew: they need not continue what was read before. An unfinished or
 * broken frame ends the log, as it does for SQLite. */
void sim_image_update(struct sim_image *image, struct rh_str db, struct rh_str wal, bool anew);

#endif
