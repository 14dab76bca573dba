/// A mistake in a recipe or a lattice file.
///
/// `description` is one sentence for the user: the file, the line where it is known, the key, what was found and what is
/// allowed.
public struct RecipeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file as the user named it.
    public let file: String
    /// The line, counted from 1; nil where it is not known.
    public let line: Int?
    /// The column, counted from 1; nil where it is not known.
    public let column: Int?
    /// The key with its table, as in `training.batch_size`; nil if the trouble is with the file as a whole.
    public let key: String?
    /// What is wrong, and what is allowed.
    public let problem: String

    /// A mistake at a place of a file; the parameters are the properties.
    public init(file: String, line: Int? = nil, column: Int? = nil, key: String? = nil, problem: String) {
        self.file = file
        self.line = line
        self.column = column
        self.key = key
        self.problem = problem
    }

    public var description: String {
        let place = [file, line.map(String.init), column.map(String.init)].compactMap(\.self).joined(separator: ":")
        return [place, key, problem].compactMap(\.self).joined(separator: ": ")
    }
}
