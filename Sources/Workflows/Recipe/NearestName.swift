/// The one of `names` that `misspelled` was most likely meant to be; nil if none is near.
///
/// Near is an edit distance of at most a third of the longer name, or one being the beginning of the other.
func nearestName(to misspelled: String, among names: [String]) -> String? {
    let candidates = names.filter { name in
        let longer = max(name.count, misspelled.count)
        return editDistance(misspelled, name) * 3 <= longer
            || (misspelled.count >= 3 && (name.hasPrefix(misspelled) || misspelled.hasPrefix(name)))
    }
    return candidates.min { editDistance(misspelled, $0) < editDistance(misspelled, $1) }
}

/// Insertions, deletions, substitutions of one character and exchanges of two neighbours that lead from one name to the
/// other (optimal string alignment distance).
func editDistance(_ first: String, _ second: String) -> Int {
    let (first, second) = (Array(first), Array(second))
    var rows = [Array(0...second.count)]
    for i in first.indices {
        var row = [i + 1]
        for j in second.indices {
            var distance = min(rows[i][j] + (first[i] == second[j] ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, first[i] == second[j - 1], first[i - 1] == second[j] {
                distance = min(distance, rows[i - 1][j - 1] + 1)
            }
            row.append(distance)
        }
        rows.append(row)
    }
    return rows[first.count][second.count]
}
