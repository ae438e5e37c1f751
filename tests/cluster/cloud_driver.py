"""A driver for test_auto_scaling.py: asks the cloud that the test is, prints its answer. Argument: URL OPERATION NODE [MACHINE]."""

import sys
import urllib.error
import urllib.request

TRY_AGAIN = 75


def main():
    url, operation, node = sys.argv[1:4]
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{url}/{operation}/{node}", method="POST"), timeout=10) as answer:
            print(answer.read().decode())
            return 0
    except urllib.error.HTTPError as refusal:
        print(refusal.read().decode(), file=sys.stderr)
        return TRY_AGAIN if refusal.code == 503 else 1


if __name__ == "__main__":
    sys.exit(main())
