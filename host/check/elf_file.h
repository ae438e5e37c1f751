/* A shared object's tables as the dynamic loader sees them, read from bytes with every offset
 * checked. Not a loader and not a linker. Layout: System V ABI, "Object Files" and "Program Loading
 * and Dynamic Linking", ELF-64. */
#ifndef RH_HOST_CHECK_ELF_FILE_H
#define RH_HOST_CHECK_ELF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_WHY_MAX      256u   /* room for any refusal, NUL included */
#define ELF_SEGMENTS_MAX 64u    /* program headers of a file that is taken */
#define ELF_SYMBOLS_MAX  65536u /* dynamic symbols of a file that is taken */

/* A piece of the file; it lies inside it. */
struct elf_span {
    const unsigned char *p;
    uint64_t n;
};

struct elf_segment {
    uint32_t type;  /* PT_... of <elf.h> */
    uint32_t flags; /* PF_... */
    uint64_t address;
    uint64_t offset;
    uint64_t file_bytes;
    uint64_t memory_bytes;
};

struct elf_section {
    const char *name;
    uint32_t type;  /* SHT_... */
    uint64_t flags; /* SHF_... */
    uint64_t address;
    uint64_t bytes;
};

struct elf_symbol {
    const char *name; /* without version */
    uint8_t bind;     /* STB_... */
    uint8_t type;     /* STT_... */
    uint8_t visibility;
    bool is_undefined;
};

struct elf_dynamic {
    int64_t tag; /* DT_... */
    uint64_t value;
};

/* Fields are private. */
struct elf_file {
    struct elf_span bytes;
    struct elf_span segments;
    struct elf_span sections;
    struct elf_span section_names;
    struct elf_span dynamic;
    struct elf_span strings;
    struct elf_span symbols;
    uint32_t machine;
    bool has_load_time_code; /* an indirect function that is resolved while loading */
};

/* Takes the bytes (borrowed for as long as the file is used) of a 64-bit little-endian shared
 * object for x86-64 or aarch64. Afterwards every name and table is known to lie inside. RH_OK, or
 * RH_EINVAL with why (ELF_WHY_MAX); *out is then not usable. [any] */
int32_t elf_open(const void *bytes, size_t size, struct elf_file *out, char *why);

/* Each gives row `index` of a table; false past its end. Names live as long as the bytes. [any] */
bool elf_segment_at(const struct elf_file *file, uint32_t index, struct elf_segment *out);
bool elf_section_at(const struct elf_file *file, uint32_t index, struct elf_section *out);
bool elf_symbol_at(const struct elf_file *file, uint32_t index, struct elf_symbol *out);
/* Up to DT_NULL, exclusive. */
bool elf_dynamic_at(const struct elf_file *file, uint32_t index, struct elf_dynamic *out);

/* The string of a dynamic entry such as DT_NEEDED; NULL when it is not inside the table. [any] */
const char *elf_string(const struct elf_file *file, uint64_t offset);

/* The value of the last entry with this tag, as the loader takes it; false when there is none.
 * [any] */
bool elf_dynamic_find(const struct elf_file *file, int64_t tag, uint64_t *value);

#endif
