// zlib, unchanged: Swift sees all of it that is needed.
#pragma once
#include <zlib.h>
