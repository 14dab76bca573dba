/// Tensors by name, element type and shape, for whoever knows what a file must hold.
extension Safetensors {
    /// The `float64` elements of a tensor.
    ///
    /// - Parameters:
    ///   - name: of the tensor.
    ///   - shape: the shape it must have; nil accepts any.
    /// - Throws: ``StorageError`` `.missing`, `.wrongType` or `.wrongShape`.
    public func doubles(_ name: String, shape: [Int]? = nil) throws -> [Double] {
        let tensor = try tensor(name, shape: shape)
        guard case .float64(let values) = tensor.values else { throw wrongType(tensor, expected: .float64) }
        return values
    }

    /// The `float32` elements of a tensor.
    ///
    /// - Parameters:
    ///   - name: of the tensor.
    ///   - shape: the shape it must have; nil accepts any.
    /// - Throws: ``StorageError`` `.missing`, `.wrongType` or `.wrongShape`.
    public func floats(_ name: String, shape: [Int]? = nil) throws -> [Float] {
        let tensor = try tensor(name, shape: shape)
        guard case .float32(let values) = tensor.values else { throw wrongType(tensor, expected: .float32) }
        return values
    }

    /// The `int64` elements of a tensor.
    ///
    /// - Parameters:
    ///   - name: of the tensor.
    ///   - shape: the shape it must have; nil accepts any.
    /// - Throws: ``StorageError`` `.missing`, `.wrongType` or `.wrongShape`.
    public func integers(_ name: String, shape: [Int]? = nil) throws -> [Int] {
        let tensor = try tensor(name, shape: shape)
        guard case .int64(let values) = tensor.values else { throw wrongType(tensor, expected: .int64) }
        return values.map(Int.init)
    }

    /// A tensor of any element type.
    ///
    /// - Parameters:
    ///   - name: of the tensor.
    ///   - shape: the shape it must have; nil accepts any.
    /// - Throws: ``StorageError`` `.missing` or `.wrongShape`.
    public func tensor(_ name: String, shape: [Int]? = nil) throws -> Tensor {
        guard let tensor = self[name] else {
            throw StorageError(.missing, path: path, problem: "has no tensor '\(name)'")
        }
        if let shape, tensor.shape != shape {
            throw StorageError(
                .wrongShape, path: path,
                problem: "tensor '\(name)' has shape \(ArrayShape.text(tensor.shape)); \(ArrayShape.text(shape)) is needed")
        }
        return tensor
    }

    /// A metadata entry that must be there.
    ///
    /// - Throws: ``StorageError`` `.missing`.
    public func metadataValue(_ key: String) throws -> String {
        guard let value = metadata[key] else {
            throw StorageError(.missing, path: path, problem: "has no metadata '\(key)'")
        }
        return value
    }

    /// Checks that every element of every tensor is a finite number.
    ///
    /// - Throws: ``StorageError`` `.malformed` naming the tensor and the index of the first NaN or infinity.
    public func validateFinite() throws {
        for tensor in tensors {
            let subject = "tensor '\(tensor.name)'"
            switch tensor.values {
            case .float32(let values):
                try ArrayShape.requireFinite(values, shape: tensor.shape, subject: subject, path: path)
            case .float64(let values):
                try ArrayShape.requireFinite(values, shape: tensor.shape, subject: subject, path: path)
            case .int64:
                break
            }
        }
    }

    private func wrongType(_ tensor: Tensor, expected: SafetensorsHeader.ElementType) -> StorageError {
        StorageError(
            .wrongType, path: path,
            problem: "tensor '\(tensor.name)' holds \(tensor.values.elementType.rawValue); \(expected.rawValue) is needed")
    }
}
