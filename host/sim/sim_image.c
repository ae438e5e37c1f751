/* Reads the frames of a log behind the last known commit and puts their pages in place. */
#include "host/sim/sim_image.h"

#include <string.h>

#define WAL_HEADER_BYTES   32u
#define FRAME_HEADER_BYTES 24u
#define WAL_MAGIC          0x377f0682u /* its last bit: checksums are of big-endian words */
#define DB_HEADER_BYTES    100u

/* Places in the header of a database. */
enum { DB_VERSIONS = 18, DB_CHANGES = 24, DB_PAGES = 28, DB_VALID_FOR = 92 };

void sim_image_release(struct sim_image *image)
{
    sim_bytes_release(&image->bytes);
}

static uint32_t get_u32(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;

    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void put_u32(struct sim_bytes *bytes, size_t at, uint32_t value)
{
    unsigned char b[4];

    for (int i = 0; i < 4; i++)
        b[i] = (unsigned char)(value >> (24 - 8 * i));
    sim_bytes_write(bytes, at, b, sizeof b);
}

static uint32_t get_u32_little(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;

    return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

/* n is a multiple of 8. */
static void add_sums(uint32_t sums[2], const char *p, size_t n, bool is_big)
{
    uint32_t a = sums[0];
    uint32_t b = sums[1];

    for (size_t i = 0; i < n; i += 8) {
        a += (is_big ? get_u32(p + i) : get_u32_little(p + i)) + b;
        b += (is_big ? get_u32(p + i + 4) : get_u32_little(p + i + 4)) + a;
    }
    sums[0] = a;
    sums[1] = b;
}

/* Whether the log has a sound header; then reading it begins behind that. */
static bool wal_begin(struct sim_image *image, struct rh_str wal)
{
    uint32_t sums[2] = {0, 0};
    uint32_t page_bytes;

    if (wal.n < WAL_HEADER_BYTES || (get_u32(wal.p) & ~1u) != WAL_MAGIC)
        return false;
    add_sums(sums, wal.p, 24, get_u32(wal.p) & 1u);
    page_bytes = get_u32(wal.p + 8);
    if (sums[0] != get_u32(wal.p + 24) || sums[1] != get_u32(wal.p + 28) || page_bytes < 512 ||
        page_bytes > 65536 || (page_bytes & (page_bytes - 1)) != 0)
        return false;
    memcpy(image->wal_header, wal.p, WAL_HEADER_BYTES);
    memcpy(image->sums, sums, sizeof sums);
    image->page_bytes = page_bytes;
    image->wal_at = WAL_HEADER_BYTES;
    return true;
}

/* Whether a sound frame lies at `at`; sums go on over it. */
static bool is_frame(const struct sim_image *image, struct rh_str wal, size_t at, uint32_t sums[2])
{
    const char *frame = wal.p + at;
    bool is_big = image->wal_header[3] & 1;

    if (wal.n - at < FRAME_HEADER_BYTES + image->page_bytes || get_u32(frame) == 0 ||
        memcmp(frame + 8, image->wal_header + 16, 8) != 0)
        return false;
    add_sums(sums, frame, 8, is_big);
    add_sums(sums, frame + FRAME_HEADER_BYTES, image->page_bytes, is_big);
    return sums[0] == get_u32(frame + 16) && sums[1] == get_u32(frame + 20);
}

/* The frames up to `end`, where a commit ends that leaves the database with so many pages. */
static void put_pages(struct sim_image *image, struct rh_str wal, size_t end, uint32_t pages)
{
    size_t page_bytes = image->page_bytes;

    for (size_t at = image->wal_at; at < end; at += FRAME_HEADER_BYTES + page_bytes)
        sim_bytes_write(&image->bytes, (get_u32(wal.p + at) - 1) * page_bytes,
                        wal.p + at + FRAME_HEADER_BYTES, page_bytes);
    sim_bytes_resize(&image->bytes, pages * page_bytes);
    if (image->bytes.n >= DB_HEADER_BYTES)
        put_u32(&image->bytes, DB_PAGES, pages);
}

static void read_frames(struct sim_image *image, struct rh_str wal)
{
    uint32_t sums[2] = {image->sums[0], image->sums[1]};
    size_t at = image->wal_at;

    while (at <= wal.n && is_frame(image, wal, at, sums)) {
        uint32_t pages = get_u32(wal.p + at + 4); /* 0 = no commit ends here */

        at += FRAME_HEADER_BYTES + image->page_bytes;
        if (pages == 0)
            continue;
        put_pages(image, wal, at, pages);
        image->wal_at = at;
        memcpy(image->sums, sums, sizeof sums);
    }
}

/* No log beside it any more; and what SQLite has cached of it is old. */
static void mark(struct sim_image *image)
{
    static const unsigned char rollback[2] = {1, 1};

    image->changes++;
    if (image->bytes.n < DB_HEADER_BYTES)
        return;
    sim_bytes_write(&image->bytes, DB_VERSIONS, rollback, sizeof rollback);
    put_u32(&image->bytes, DB_CHANGES, image->changes);
    put_u32(&image->bytes, DB_VALID_FOR, image->changes);
}

void sim_image_update(struct sim_image *image, struct rh_str db, struct rh_str wal, bool anew)
{
    bool goes_on = !anew && image->wal_at > 0 && wal.n >= image->wal_at &&
                   memcmp(wal.p, image->wal_header, WAL_HEADER_BYTES) == 0;

    if (!goes_on) {
        image->wal_at = 0;
        sim_bytes_resize(&image->bytes, 0);
        sim_bytes_write(&image->bytes, 0, db.p, db.n);
    }
    if (goes_on || wal_begin(image, wal))
        read_frames(image, wal);
    mark(image);
}
