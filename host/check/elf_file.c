/* Opens a shared object: each step finds one table and refuses what does not lie inside the file.
 */
#include "host/check/elf_file.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/errors.h>

#include "host/check/elf_tables.h"

#define HEADER_BYTES 64u

static int32_t refuse(char *why, const char *text)
{
    (void)snprintf(why, ELF_WHY_MAX, "%s", text); /* the texts here are short */
    return RH_EINVAL;
}

static int32_t open_header(struct elf_file *file, char *why)
{
    static const unsigned char ident[] = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT};

    if (file->bytes.n < HEADER_BYTES || memcmp(file->bytes.p, ident, 4) != 0)
        return refuse(why, "not an ELF file");
    if (memcmp(file->bytes.p, ident, sizeof ident) != 0)
        return refuse(why, "not a 64-bit little-endian ELF file");
    if (elf_number(file->bytes, 16, 2) != ET_DYN)
        return refuse(why, "an ELF file, but not a shared object");
    file->machine = (uint32_t)elf_number(file->bytes, 18, 2);
    if (file->machine != EM_X86_64 && file->machine != EM_AARCH64)
        return refuse(why, "a shared object for another processor than x86-64 or aarch64");
    return RH_OK;
}

static int32_t open_segments(struct elf_file *file, char *why)
{
    uint64_t count = elf_number(file->bytes, 56, 2);
    struct elf_segment segment;

    if (count == 0 || count > ELF_SEGMENTS_MAX ||
        elf_number(file->bytes, 54, 2) != ELF_SEGMENT_BYTES ||
        !elf_cut(file->bytes, elf_number(file->bytes, 32, 8), count * ELF_SEGMENT_BYTES,
                 &file->segments))
        return refuse(why, "damaged: its program headers are not inside it");
    for (uint32_t i = 0; elf_segment_at(file, i, &segment); i++) {
        struct elf_span all;

        if (segment.type != PT_LOAD)
            continue;
        if (!elf_cut(file->bytes, segment.offset, segment.file_bytes, &all) ||
            segment.file_bytes > segment.memory_bytes ||
            segment.memory_bytes > UINT64_MAX - segment.address)
            return refuse(why, "damaged: a segment is not inside it");
    }
    return RH_OK;
}

static int32_t open_sections(struct elf_file *file, char *why)
{
    uint64_t count = elf_number(file->bytes, 60, 2);
    uint64_t names = elf_number(file->bytes, 62, 2);
    struct elf_section section;

    if (count == 0 || names >= count || elf_number(file->bytes, 58, 2) != ELF_SECTION_BYTES ||
        !elf_cut(file->bytes, elf_number(file->bytes, 40, 8), count * ELF_SECTION_BYTES,
                 &file->sections))
        return refuse(why, "damaged or stripped of its section table");
    if (!elf_cut(file->bytes, elf_number(file->sections, names * ELF_SECTION_BYTES + 24, 8),
                 elf_number(file->sections, names * ELF_SECTION_BYTES + 32, 8),
                 &file->section_names))
        return refuse(why, "damaged: its section names are not inside it");
    for (uint32_t i = 0; elf_section_at(file, i, &section); i++)
        if (!section.name)
            return refuse(why, "damaged: a section's name is not inside it");
    return RH_OK;
}

static int32_t open_dynamic(struct elf_file *file, char *why)
{
    struct elf_segment segment;
    uint64_t at = 0;
    uint64_t bytes = 0;

    for (uint32_t i = 0; elf_segment_at(file, i, &segment); i++) {
        if (segment.type == PT_DYNAMIC &&
            !elf_cut_address(file, segment.address, segment.file_bytes, &file->dynamic))
            return refuse(why, "damaged: its dynamic section is not inside it");
    }
    if (!file->dynamic.p)
        return refuse(why, "has no dynamic section");
    if (!elf_dynamic_find(file, DT_STRTAB, &at) || !elf_dynamic_find(file, DT_STRSZ, &bytes) ||
        !elf_cut_address(file, at, bytes, &file->strings))
        return refuse(why, "damaged: its dynamic strings are not inside it");
    return RH_OK;
}

/* The loader's symbol table has no length of its own: the section table tells it, and must mean the
 * same table. */
static int32_t open_symbols(struct elf_file *file, char *why)
{
    struct elf_section section;
    struct elf_symbol symbol;
    uint64_t at = 0;

    if (!elf_dynamic_find(file, DT_SYMTAB, &at))
        return refuse(why, "has no dynamic symbols");
    for (uint32_t i = 0; elf_section_at(file, i, &section) && !file->symbols.p; i++) {
        if (section.type != SHT_DYNSYM || section.address != at)
            continue;
        if (section.bytes % ELF_SYMBOL_BYTES != 0 ||
            section.bytes / ELF_SYMBOL_BYTES > ELF_SYMBOLS_MAX ||
            !elf_cut_address(file, at, section.bytes, &file->symbols))
            return refuse(why, "damaged: its dynamic symbols are not inside it");
    }
    if (!file->symbols.p)
        return refuse(why, "damaged: its section table does not know its dynamic symbols");
    for (uint32_t i = 0; elf_symbol_at(file, i, &symbol); i++) {
        if (!symbol.name)
            return refuse(why, "damaged: a symbol's name is not inside it");
        if (symbol.type == STT_GNU_IFUNC && !symbol.is_undefined)
            file->has_load_time_code = true;
    }
    return RH_OK;
}

/* A relocation that names a symbol beyond the table would import something that no rule sees. */
static bool relocations_are_sound(struct elf_file *file, int64_t table_tag, int64_t bytes_tag)
{
    uint32_t irelative = file->machine == EM_X86_64 ? R_X86_64_IRELATIVE : R_AARCH64_IRELATIVE;
    struct elf_span rows;
    uint64_t at = 0;
    uint64_t bytes = 0;

    if (!elf_dynamic_find(file, table_tag, &at))
        return true;
    if (!elf_dynamic_find(file, bytes_tag, &bytes) || bytes % ELF_RELA_BYTES != 0 ||
        !elf_cut_address(file, at, bytes, &rows))
        return false;
    for (uint64_t i = 0; i < bytes / ELF_RELA_BYTES; i++) {
        uint64_t info = elf_number(rows, i * ELF_RELA_BYTES + 8, 8);

        if ((info >> 32) * ELF_SYMBOL_BYTES >= file->symbols.n && info >> 32 != 0)
            return false;
        if ((info & UINT32_MAX) == irelative)
            file->has_load_time_code = true;
    }
    return true;
}

static int32_t open_relocations(struct elf_file *file, char *why)
{
    uint64_t value = 0;

    if (!relocations_are_sound(file, DT_RELA, DT_RELASZ) ||
        !relocations_are_sound(file, DT_JMPREL, DT_PLTRELSZ))
        return refuse(why, "damaged: its relocations are not inside it");
    if (elf_dynamic_find(file, DT_REL, &value) ||
        (elf_dynamic_find(file, DT_PLTREL, &value) && value != DT_RELA))
        return refuse(why, "has relocations of a kind that these processors do not use");
    return RH_OK;
}

int32_t elf_open(const void *bytes, size_t size, struct elf_file *out, char *why)
{
    static int32_t (*const steps[])(struct elf_file * file, char *why) = {
        open_header, open_segments, open_sections, open_dynamic, open_symbols, open_relocations};
    int32_t rc = RH_OK;

    *out = (struct elf_file){.bytes = {bytes, size}};
    for (size_t i = 0; rc == RH_OK && i < sizeof steps / sizeof steps[0]; i++)
        rc = steps[i](out, why);
    return rc;
}
