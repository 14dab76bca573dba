import Lattices
import Synchronization

/// The schedule of a solver, made once for each lattice.
final class ScheduleCache: Sendable {
    private struct Entry: Sendable {
        let lattice: Lattice
        let schedule: LaneSchedule
        let receptiveField: Int
    }

    private let known = Mutex<[Entry]>([])
    private let make: @Sendable (Lattice) -> LaneSchedule

    /// An empty cache.
    init(_ make: @escaping @Sendable (Lattice) -> LaneSchedule) {
        self.make = make
    }

    /// The schedule of a lattice.
    func schedule(for lattice: Lattice) -> LaneSchedule { entry(for: lattice).schedule }

    /// ``LaneSchedule/receptiveField`` of the schedule of a lattice.
    func receptiveField(on lattice: Lattice) -> Int { entry(for: lattice).receptiveField }

    private func entry(for lattice: Lattice) -> Entry {
        known.withLock { known in
            if let entry = known.first(where: { $0.lattice == lattice }) { return entry }
            let schedule = make(lattice)
            let entry = Entry(lattice: lattice, schedule: schedule, receptiveField: schedule.receptiveField)
            known.append(entry)
            return entry
        }
    }
}
