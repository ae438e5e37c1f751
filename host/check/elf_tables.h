/* Rows of ELF tables out of checked spans. Private to elf_file.c and elf_tables.c. */
#ifndef RH_HOST_CHECK_ELF_TABLES_H
#define RH_HOST_CHECK_ELF_TABLES_H

#include "host/check/elf_file.h"

#define ELF_SEGMENT_BYTES 56u
#define ELF_SECTION_BYTES 64u
#define ELF_SYMBOL_BYTES  24u
#define ELF_DYNAMIC_BYTES 16u
#define ELF_RELA_BYTES    24u

/* Little-endian number of `bytes` bytes at an offset that the caller knows to be inside. */
uint64_t elf_number(struct elf_span from, uint64_t offset, uint32_t bytes);

/* The part of `from` that a broken or hostile file says is there; false when it is not. */
bool elf_cut(struct elf_span from, uint64_t offset, uint64_t n, struct elf_span *out);

/* The bytes of the file that are loaded at an address; false when not all of them are in the file.
 * Needs the segments. */
bool elf_cut_address(const struct elf_file *file, uint64_t address, uint64_t n,
                     struct elf_span *out);

/* The NUL-terminated name at an offset of a string table, or NULL. */
const char *elf_name(struct elf_span table, uint64_t offset);

#endif
