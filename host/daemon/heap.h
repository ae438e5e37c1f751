/* Gives memory that was freed back to the system; it allocates and frees nothing itself. */
#ifndef RH_HOST_DAEMON_HEAP_H
#define RH_HOST_DAEMON_HEAP_H

/* The C library keeps freed memory that lies below memory in use. This returns its whole pages.
 * Takes well below a millisecond for a heap of some MiB; grows with the number of free pieces.
 * [any] */
void heap_give_back(void);

#endif
