/* Makes small ELF files in memory, good ones and broken ones; for tests and as seeds of the fuzzer.
 */
#ifndef RH_TESTS_HOST_CORE_ELF_IMAGE_H
#define RH_TESTS_HOST_CORE_ELF_IMAGE_H

#include <stdint.h>
#include <string.h>

#define IMAGE_BYTES    512u
#define IMAGE_TABLE_AT 64u /* section table: none, names, info */
#define IMAGE_NAMES_AT 256u
#define IMAGE_INFO_AT  320u

static inline void image_put(unsigned char *image, size_t at, uint64_t value, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++)
        image[at + i] = (unsigned char)(value >> (8 * i));
}

/* A section's row: name, type, offset, size. */
static inline void image_section(unsigned char *image, uint32_t index, uint32_t name, uint32_t type,
                                 uint64_t offset, uint64_t size)
{
    size_t at = IMAGE_TABLE_AT + (size_t)index * 64;

    image_put(image, at, name, 4);
    image_put(image, at + 4, type, 4);
    image_put(image, at + 24, offset, 8);
    image_put(image, at + 32, size, 8);
}

/* A shared object for x86-64 with the given .rh.info. */
static inline void image_make(unsigned char image[IMAGE_BYTES], const char *info, size_t info_bytes)
{
    static const char names[] = "\0.shstrtab\0.rh.info";

    memset(image, 0, IMAGE_BYTES);
    memcpy(image,
           "\x7f"
           "ELF\2\1\1",
           7);
    image_put(image, 16, 3, 2);
    image_put(image, 18, 62, 2);
    image_put(image, 40, IMAGE_TABLE_AT, 8);
    image_put(image, 58, 64, 2);
    image_put(image, 60, 3, 2);
    image_put(image, 62, 1, 2);
    image_section(image, 1, 1, 3, IMAGE_NAMES_AT, sizeof names);
    image_section(image, 2, 11, 1, IMAGE_INFO_AT, info_bytes);
    memcpy(image + IMAGE_NAMES_AT, names, sizeof names);
    memcpy(image + IMAGE_INFO_AT, info, info_bytes);
}

#endif
