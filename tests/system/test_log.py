import subprocess
import sys

import pytest

LIMITED = """
import logging, resource
from explorer.system import log

resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
log.to_file()
for number in range(50):
    logging.getLogger("explorer.part").warning("message %d", number)
lines = log.recent(200)
print(sum("message" in line for line in lines), sum("cannot be written" in line for line in lines))
if {closes}:
    log.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on file sizes")
@pytest.mark.parametrize("closes", [True, False])
def test_a_log_file_that_is_refused_keeps_quiet_and_memory_has_the_messages(*, closes: bool) -> None:
    script = LIMITED.format(closes=closes)
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert (answer.stdout.split(), answer.stderr) == (["50", "1"], "")
