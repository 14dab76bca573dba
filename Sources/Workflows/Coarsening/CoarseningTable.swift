/// `coarsening.csv`: the lengths of the domains on every lattice, one line per time; a length that is not given is an empty field.
package enum CoarseningTable {
    static let columns =
        "lattice,cells,time,correlation_length,correlation_length_error,domain_length,domain_length_error"

    static func write(_ coarsening: Coarsening, to path: String) throws {
        let rows = coarsening.ensembles.enumerated().flatMap { index, ensemble in
            ensemble.times.indices.map { k in
                let lengths = Coarsening.LengthName.allCases.flatMap { name in
                    ensemble.growth(name).map { [$0.values[k], $0.errors[k]] } ?? [.nan, .nan]
                }
                return
                    (["\(index + 1)", "\(ensemble.size.reduce(1, *))"] + ([ensemble.times[k]] + lengths).map(NumberTable.field))
                    .joined(separator: ",")
            }
        }
        try NumberTable.write(rows, columns: columns, to: path)
    }

    /// The numbers of every line, in the order of the columns.
    ///
    /// - Throws: `StorageError` `.unreadable`, or `.malformed` naming the line.
    package static func read(_ path: String) throws -> [[Double]] {
        try NumberTable.read(path, columns: columns) { $1 }
    }
}
