extension Supercell {
    /// The operations of the point group that map the supercell onto itself, the identity first, each with its inverse.
    package var operations: [(operation: PointGroup.Operation, inverse: PointGroup.Operation)] {
        let group = PointGroup(of: lattice)
        return group.operations.indices.filter { group.operations[$0].preserves(self) }.map {
            (group.operations[$0], group.operations[group.inverse(of: $0)])
        }
    }
}

extension PointGroup.Operation {
    /// Whether the operation maps a periodic supercell onto itself: its columns connect equal sides only.
    package func preserves(_ supercell: Supercell) -> Bool {
        cellMatrix.indices.allSatisfy { row in
            cellMatrix.indices.allSatisfy { column in
                (cellMatrix[row][column] * supercell.size[column]) % supercell.size[row] == 0
            }
        }
    }
}
