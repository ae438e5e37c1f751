/* Rows of ELF tables; see elf_tables.h and elf_file.h. */
#include "host/check/elf_tables.h"

#include <assert.h>
#include <elf.h>
#include <string.h>

uint64_t elf_number(struct elf_span from, uint64_t offset, uint32_t bytes)
{
    uint64_t value = 0;

    assert(bytes <= from.n);
    assert(offset <= from.n - bytes);
    for (uint32_t i = bytes; i > 0; i--)
        value = value << 8 | from.p[offset + i - 1];
    return value;
}

bool elf_cut(struct elf_span from, uint64_t offset, uint64_t n, struct elf_span *out)
{
    if (offset > from.n || n > from.n - offset)
        return false;
    *out = (struct elf_span){from.p + offset, n};
    return true;
}

bool elf_cut_address(const struct elf_file *file, uint64_t address, uint64_t n,
                     struct elf_span *out)
{
    struct elf_segment load;

    for (uint32_t i = 0; elf_segment_at(file, i, &load); i++) {
        if (load.type != PT_LOAD || address < load.address)
            continue;
        if (address - load.address > load.file_bytes ||
            n > load.file_bytes - (address - load.address))
            continue;
        return elf_cut(file->bytes, load.offset + (address - load.address), n, out);
    }
    return false;
}

const char *elf_name(struct elf_span table, uint64_t offset)
{
    if (offset >= table.n || !memchr(table.p + offset, 0, (size_t)(table.n - offset)))
        return NULL;
    return (const char *)table.p + offset;
}

bool elf_segment_at(const struct elf_file *file, uint32_t index, struct elf_segment *out)
{
    struct elf_span row;

    if (!elf_cut(file->segments, (uint64_t)index * ELF_SEGMENT_BYTES, ELF_SEGMENT_BYTES, &row))
        return false;
    *out = (struct elf_segment){.type = (uint32_t)elf_number(row, 0, 4),
                                .flags = (uint32_t)elf_number(row, 4, 4),
                                .offset = elf_number(row, 8, 8),
                                .address = elf_number(row, 16, 8),
                                .file_bytes = elf_number(row, 32, 8),
                                .memory_bytes = elf_number(row, 40, 8)};
    return true;
}

bool elf_section_at(const struct elf_file *file, uint32_t index, struct elf_section *out)
{
    struct elf_span row;

    if (!elf_cut(file->sections, (uint64_t)index * ELF_SECTION_BYTES, ELF_SECTION_BYTES, &row))
        return false;
    *out = (struct elf_section){.name = elf_name(file->section_names, elf_number(row, 0, 4)),
                                .type = (uint32_t)elf_number(row, 4, 4),
                                .flags = elf_number(row, 8, 8),
                                .address = elf_number(row, 16, 8),
                                .bytes = elf_number(row, 32, 8)};
    return true;
}

bool elf_symbol_at(const struct elf_file *file, uint32_t index, struct elf_symbol *out)
{
    struct elf_span row;
    uint8_t info;

    if (!elf_cut(file->symbols, (uint64_t)index * ELF_SYMBOL_BYTES, ELF_SYMBOL_BYTES, &row))
        return false;
    info = (uint8_t)elf_number(row, 4, 1);
    *out = (struct elf_symbol){.name = elf_name(file->strings, elf_number(row, 0, 4)),
                               .bind = (uint8_t)(info >> 4),
                               .type = info & 15u,
                               .visibility = (uint8_t)(elf_number(row, 5, 1) & 3u),
                               .is_undefined = elf_number(row, 6, 2) == SHN_UNDEF};
    return true;
}

bool elf_dynamic_at(const struct elf_file *file, uint32_t index, struct elf_dynamic *out)
{
    struct elf_span row;
    uint64_t tag;

    if (!elf_cut(file->dynamic, (uint64_t)index * ELF_DYNAMIC_BYTES, ELF_DYNAMIC_BYTES, &row))
        return false;
    tag = elf_number(row, 0, 8);
    if (tag == DT_NULL)
        return false;
    *out = (struct elf_dynamic){.tag = (int64_t)tag, .value = elf_number(row, 8, 8)};
    return true;
}

const char *elf_string(const struct elf_file *file, uint64_t offset)
{
    return elf_name(file->strings, offset);
}

bool elf_dynamic_find(const struct elf_file *file, int64_t tag, uint64_t *value)
{
    struct elf_dynamic entry;
    bool is_found = false;

    for (uint32_t i = 0; elf_dynamic_at(file, i, &entry); i++)
        if (entry.tag == tag) {
            *value = entry.value;
            is_found = true;
        }
    return is_found;
}
