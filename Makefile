# make run        install what is missing, build, run the quickstart
# make test       install what is missing, build, pass the tests
# make mpi        the same with MPI: .build/mpi/release/adiabat, for mpirun and srun
# make endurance  kill the program, fill its disk, damage its files, fuzz its readers and recipes, force it: minutes=1 for each
# make ARCH=...   the same for other processors than this machine's, such as ARCH=x86-64-v3 where login and compute nodes differ
# make format     lay the sources out as .swift-format says

packages := libfftw3-dev libopenblas-dev liblapacke-dev libhdf5-dev zlib1g-dev libssl-dev gnuplot-nox fonts-liberation pkg-config
mpi_packages := libopenmpi-dev openmpi-bin
# Python and its h5py read files while they are written; qemu-user plays an older processor.
test_packages := python3 python3-h5py qemu-user
sudo := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# What -march of the compiler takes; native: the processor of this machine.
ARCH := native
export ADIABAT_ARCH := $(ARCH)

.PHONY: run test build mpi test-mpi endurance install benchmarks format clean

run: build
	.build/release/adiabat run runs/quickstart.toml

# `swift test` alone builds with other flags, and `make build` would then build everything again.
test: packages += $(test_packages)
test: install
	swift build -c release --build-tests
	swift test -c release --skip-build

build: install
	swift build -c release --product adiabat

mpi: packages += $(mpi_packages)
mpi: install
	swift build -c release --traits MPI --scratch-path .build/mpi --product adiabat

# What is between processes, tested between processes.
test-mpi: packages += $(mpi_packages)
test-mpi: install
	swift build -c release --traits MPI --scratch-path .build/mpi --build-tests
	for ranks in 2 4 6; do \
	    mpirun -n $$ranks --oversubscribe --bind-to none .build/mpi/release/adiabatPackageTests.xctest \
	        --testing-library swift-testing --filter MPICommunicatorTests || exit 1; \
	done

benchmarks: install
	swift run -c release AdiabatBenchmarks

# Bounded in time; `make endurance minutes=30 seed=2` goes further.
minutes := 1
seed := 1
endurance: build
	swift build -c release --product AdiabatEndurance
	for campaign in kill disk damage fuzz recipes force; do \
	    .build/release/AdiabatEndurance $$campaign --minutes $(minutes) --seed $(seed) || failed=1; \
	done; test -z "$$failed"

# Asks the package manager only when something is missing.
install:
	@for package in $(packages); do \
	    dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	    echo "installing$$missing"; \
	    $(sudo) apt-get update -q && DEBIAN_FRONTEND=noninteractive $(sudo) apt-get install -qy --no-install-recommends $$missing; \
	fi

format:
	swift format --in-place --recursive Sources Tests Package.swift

clean:
	rm -rf .build
