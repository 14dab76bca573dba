/// How the rows that the weights of a convolution multiply are made in two steps, so that sums are shared:
///
/// functions on a shell are formed of every row of an input irrep, and where a function times a component belongs to several
/// output irreps those products are combined. A row that is one product up to a sign is used where it stands.
struct Staging {
    /// Everything that is made of one input irrep on one shell.
    struct Stage {
        let shell: Int
        /// Those of the functions on the shell that occur.
        let functions: [Int]
        /// Rows of the input irrep.
        let inputs: Range<Int>
        /// Rows of the stage: input rows follow one another, then functions, then combinations.
        var rowCount: Int
        var combinations: [Combination] = []
        var products: [Product] = []
    }

    /// Rows that are sums of others, one for each channel.
    struct Combination {
        let firstRow: Int
        let terms: [(firstRow: Int, coefficient: Double)]
    }

    /// One component of a copy of an output irrep: rows, one for each channel, that weights multiply.
    struct Product {
        let firstRow: Int
        let sign: Double
        let channels: Int
        /// The output irrep and its component.
        let output: Int
        let component: Int
        /// The first column of the weights of that irrep.
        let firstColumn: Int
    }

    private(set) var stages: [Stage] = []

    init(_ shape: ConvolutionShape) {
        for shell in shape.shells.indices {
            for input in shape.inputs.multiplicities.indices {
                if let stage = Self.stage(shape, shell: shell, input: input) { stages.append(stage) }
            }
        }
    }

    private static func stage(_ shape: ConvolutionShape, shell: Int, input: Int) -> Stage? {
        let copies = shape.copies.joined().filter { $0.shell == shell && $0.input == input }
        guard !copies.isEmpty else { return nil }
        let functions = Set(copies.flatMap { $0.products.joined().map(\.function) }).sorted()
        let channels = shape.inputs.multiplicities[input]
        let first = shape.inputs.row(input, 0)
        let inputs = first..<first + channels * shape.inputs.dimensions[input]
        var stage = Stage(shell: shell, functions: functions, inputs: inputs, rowCount: functions.count * inputs.count)
        func row(_ product: ConvolutionShape.Product) -> Int {
            functions.firstIndex(of: product.function)! * inputs.count + product.component * channels
        }
        for (output, copies) in shape.copies.enumerated() {
            var column = 0
            for copy in copies {
                defer { column += shape.inputs.multiplicities[copy.input] }
                guard copy.shell == shell, copy.input == input else { continue }
                for (component, products) in copy.products.enumerated() {
                    let isAlone = products.count == 1 && abs(abs(products[0].coefficient) - 1) < 1e-12
                    if !isAlone {
                        stage.combinations.append(
                            Combination(firstRow: stage.rowCount, terms: products.map { (row($0), $0.coefficient) }))
                        stage.rowCount += channels
                    }
                    stage.products.append(
                        Product(
                            firstRow: isAlone ? row(products[0]) : stage.rowCount - channels,
                            sign: isAlone && products[0].coefficient < 0 ? -1 : 1, channels: channels, output: output,
                            component: component, firstColumn: column))
                }
            }
        }
        return stage
    }
}
