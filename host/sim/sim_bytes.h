/* The bytes of a simulated file, written at any place; it knows no disk. */
#ifndef RH_HOST_SIM_SIM_BYTES_H
#define RH_HOST_SIM_SIM_BYTES_H

#include <stddef.h>

/* p[0..n) is the content, to be read only; what nobody wrote reads as zeros. A zeroed struct is
 * empty. Without memory the program aborts: a simulation has nothing left to show then. */
struct sim_bytes {
    unsigned char *p;
    size_t n;
    size_t cap;
};

/* Frees the memory and leaves it empty. */
void sim_bytes_release(struct sim_bytes *bytes);
/* Makes it n bytes long: cut, or grown by zeros. */
void sim_bytes_resize(struct sim_bytes *bytes, size_t n);
/* Puts n bytes at `at`, growing as needed. from may be NULL when n is 0. */
void sim_bytes_write(struct sim_bytes *bytes, size_t at, const void *from, size_t n);
/* Takes at most n bytes from `at`; returns how many there were. */
size_t sim_bytes_read(const struct sim_bytes *bytes, size_t at, void *to, size_t n);
/* Makes `to`, which must be zeroed, the same as `from`. Costs nothing until one of them is written.
 */
void sim_bytes_copy(struct sim_bytes *to, const struct sim_bytes *from);

#endif
