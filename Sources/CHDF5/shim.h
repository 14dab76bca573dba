// HDF5 keeps its identifiers behind macros that initialise the library or cast, which Swift cannot see.
// Each of them gets a function here and nothing else does: all logic lives in Swift (target Storage).
#pragma once
#include <hdf5.h>

// Datatypes in memory
static inline hid_t chdf5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t chdf5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t chdf5_native_int64(void) { return H5T_NATIVE_INT64; }

// Datatypes in the file
static inline hid_t chdf5_ieee_f64le(void) { return H5T_IEEE_F64LE; }
static inline hid_t chdf5_ieee_f64be(void) { return H5T_IEEE_F64BE; }
static inline hid_t chdf5_ieee_f32le(void) { return H5T_IEEE_F32LE; }
static inline hid_t chdf5_ieee_f32be(void) { return H5T_IEEE_F32BE; }
static inline hid_t chdf5_std_i64le(void) { return H5T_STD_I64LE; }
static inline hid_t chdf5_std_i64be(void) { return H5T_STD_I64BE; }
static inline hid_t chdf5_std_i32le(void) { return H5T_STD_I32LE; }
static inline hid_t chdf5_std_i32be(void) { return H5T_STD_I32BE; }
static inline hid_t chdf5_c_string(void) { return H5T_C_S1; }

// Property list classes
static inline hid_t chdf5_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t chdf5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t chdf5_group_create(void) { return H5P_GROUP_CREATE; }
static inline hid_t chdf5_dataset_create(void) { return H5P_DATASET_CREATE; }

// Flags of H5Fcreate and H5Fopen
static inline unsigned chdf5_truncate(void) { return H5F_ACC_TRUNC; }
static inline unsigned chdf5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned chdf5_read_write(void) { return H5F_ACC_RDWR; }

// Functions that are macros in some versions of the library
static inline herr_t chdf5_iterate_links(hid_t group, H5L_iterate_t visit, void *context) {
    hsize_t index = 0;
    return H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, &index, visit, context);
}
