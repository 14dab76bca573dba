#pragma once

// Nothing to call: linking this target makes a program choose OpenBLAS's kernels at start-up (see processor.c).
