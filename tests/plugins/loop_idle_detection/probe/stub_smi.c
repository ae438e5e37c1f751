/* Stands in for nvidia-smi: prints one device, fails, or hangs, as STUB_SMI asks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
    const char *wanted = getenv("STUB_SMI");

    while (wanted && strcmp(wanted, "hang") == 0)
        (void)pause();
    if (wanted && strcmp(wanted, "fail") == 0)
        return 9;
    return puts("0, Tesla S, GPU-s, 12, 100, 16384") >= 0 ? 0 : 1;
}
