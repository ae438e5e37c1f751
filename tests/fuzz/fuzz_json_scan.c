/* Any bytes: the scanner neither crashes nor reads outside, and accepts only what stays valid
 * inside an array. */
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/buf.h>

#include "host/core/json_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[200];
    struct rh_buf buf;
    int32_t alone = json_check((struct rh_str){(const char *)data, size}, why, sizeof(why));
    int32_t inside;

    rh_buf_init(&buf, size + 2);
    (void)rh_buf_append_byte(&buf, '[');
    (void)rh_buf_append(&buf, data, size);
    if (rh_buf_append_byte(&buf, ']') != RH_OK)
        abort();
    inside = json_check(rh_buf_str(&buf), NULL, 0);
    rh_buf_release(&buf);
    /* Nesting one deeper may pass the limit. */
    if (alone == RH_OK && inside != RH_OK && size < JSON_DEPTH_MAX)
        abort();
    if (alone != RH_OK && strncmp(why, "at byte ", 8) != 0)
        abort();
    return 0;
}
