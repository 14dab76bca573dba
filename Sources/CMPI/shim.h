// MPI for Swift: what mpi.h has as macros (communicators, types, constants), as functions. Errors of MPI end all processes, as is
// MPI's default, so results are not looked at.

#include <mpi.h>

// Communication may come from any thread, one at a time. Returns 0 if this MPI does not allow that.
static inline int adiabat_mpi_initialize(void) {
    int provided = MPI_THREAD_SINGLE;
    MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided);
    return provided >= MPI_THREAD_SERIALIZED;
}

static inline void adiabat_mpi_finalize(void) { MPI_Finalize(); }

static inline void adiabat_mpi_abort(int exit_code) { MPI_Abort(MPI_COMM_WORLD, exit_code); }

static inline int adiabat_mpi_rank(void) {
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    return rank;
}

static inline int adiabat_mpi_size(void) {
    int size = 0;
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    return size;
}

// Messages that are sent again and again.

static inline MPI_Request adiabat_mpi_send_request(const double *values, int count, int rank, int tag) {
    MPI_Request request;
    MPI_Send_init(values, count, MPI_DOUBLE, rank, tag, MPI_COMM_WORLD, &request);
    return request;
}

static inline MPI_Request adiabat_mpi_receive_request(double *values, int count, int rank, int tag) {
    MPI_Request request;
    MPI_Recv_init(values, count, MPI_DOUBLE, rank, tag, MPI_COMM_WORLD, &request);
    return request;
}

static inline void adiabat_mpi_start(int count, MPI_Request *requests) { MPI_Startall(count, requests); }

static inline void adiabat_mpi_wait(int count, MPI_Request *requests) { MPI_Waitall(count, requests, MPI_STATUSES_IGNORE); }

// What outlives MPI needs no freeing.
static inline void adiabat_mpi_free_request(MPI_Request *request) {
    int finalized = 0;
    MPI_Finalized(&finalized);
    if (!finalized) MPI_Request_free(request);
}

// All ranks together.

static inline void adiabat_mpi_maximum(double *values, int count) {
    MPI_Allreduce(MPI_IN_PLACE, values, count, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
}

static inline MPI_Request adiabat_mpi_begin_broadcast(void *bytes, int count, int root) {
    MPI_Request request;
    MPI_Ibcast(bytes, count, MPI_BYTE, root, MPI_COMM_WORLD, &request);
    return request;
}

static inline MPI_Request adiabat_mpi_begin_barrier(MPI_Comm communicator) {
    MPI_Request request;
    MPI_Ibarrier(communicator, &request);
    return request;
}

static inline MPI_Comm adiabat_mpi_world(void) { return MPI_COMM_WORLD; }

static inline MPI_Comm adiabat_mpi_duplicate_world(void) {
    MPI_Comm duplicate;
    MPI_Comm_dup(MPI_COMM_WORLD, &duplicate);
    return duplicate;
}

// Whether what was begun is done.
static inline int adiabat_mpi_is_done(MPI_Request *request) {
    int done = 0;
    MPI_Test(request, &done, MPI_STATUS_IGNORE);
    return done;
}

// Bytes between two ranks.

static inline void adiabat_mpi_send(const void *bytes, int count, int rank, int tag) {
    MPI_Send(bytes, count, MPI_BYTE, rank, tag, MPI_COMM_WORLD);
}

static inline void adiabat_mpi_receive(void *bytes, int count, int rank, int tag) {
    MPI_Recv(bytes, count, MPI_BYTE, rank, tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}
