"""CNN Explorer: see a convolutional network, train it live, and try it."""

import os

__version__ = "0.1.0"

# On Linux, torch's threads wait for each other in a loop of 300,000 turns before they sleep (libgomp). Where another
# program keeps a core busy, the one that waits keeps the other from its work: on two cores LeNet-5 then trains with
# 400 images a second in place of 13,000 (batches of 128). A tenth of the turns costs nothing where the machine is free,
# and trains three times as fast where it is not. It has to be said before torch is imported; those who have said
# something themselves know better. Not in os.environ: other programs that are started are not told.
if not {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"} & set(os.environ):
    os.putenv("GOMP_SPINCOUNT", "30000")
