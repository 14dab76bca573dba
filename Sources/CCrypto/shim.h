// libcrypto's digest interface. (The older SHA256_* functions are deprecated since OpenSSL 3.)
#pragma once
#include <openssl/evp.h>
