import Storage

/// Error against cost of several ways to find the forces, both logarithmic: the map learned models are placed on. The cost may
/// also be that of learning.
package struct AccuracyMap {
    /// One way to find the forces.
    package struct Point {
        /// In the unit of the map's ``AccuracyMap/Cost``.
        let cost: Double
        /// Root mean square error of the force, in units of the hopping; 0 for the reference, which has none.
        let error: Double

        /// A point of the map.
        package init(cost: Double, error: Double) {
            self.cost = cost
            self.error = error
        }
    }

    /// Ways of one kind, joined by a line.
    package struct Series {
        let name: String
        /// Whether it is drawn as a learned model is.
        let isLearned: Bool
        let points: [Point]

        /// A line of the map.
        package init(name: String, isLearned: Bool = false, points: [Point]) {
            self.name = name
            self.isLearned = isLearned
            self.points = points
        }
    }

    /// The map of one model.
    package struct Panel {
        let title: String
        /// The root mean square force: the error of predicting none.
        let scale: Double
        let series: [Series]

        /// A map of its own beside the others; series of one name look alike in all of them.
        package init(title: String, scale: Double, series: [Series]) {
            self.title = title
            self.scale = scale
            self.series = series
        }
    }

    /// What is counted as the cost.
    package enum Cost: String {
        /// The time of a force.
        case seconds = "cost of a force  (seconds a site)"
        /// The data that a model has learned from.
        case trainingSites = "sites in the training data"
    }

    let panels: [Panel]
    let cost: Cost

    /// - Parameter panels: side by side, at least one.
    package init(panels: [Panel], cost: Cost = .seconds) {
        precondition(!panels.isEmpty, "a panel")
        self.panels = panels
        self.cost = cost
    }

    /// Draws the map into an SVG or, if the name ends in `.png`, into a PNG.
    ///
    /// - Throws: ``StageError`` if gnuplot is missing or fails, `StorageError` if the file cannot be written.
    package func draw(to path: String) throws {
        let drawn = try Gnuplot().draw(Figure.accuracyMap(self))
        try AtomicFile.write(path.hasSuffix(".png") ? drawn.png : drawn.svg, to: path)
    }
}
