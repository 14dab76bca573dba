import Foundation
import Runs

/// Where the program writes: results to stdout, everything else to stderr.
enum Terminal {
    /// Writes a result and ends its line.
    ///
    /// A closed pipe (`| head -1`) ends the program by SIGPIPE, without a message, as is the custom.
    ///
    /// - Throws: ``OutputFailed`` if stdout is closed or full.
    static func printResult(_ text: String) throws {
        guard let code = write(text + "\n", to: STDOUT_FILENO) else { return }
        if code == EPIPE {
            signal(SIGPIPE, SIG_DFL)
            raise(SIGPIPE)
        }
        throw OutputFailed(problem: String(cString: strerror(code)))
    }

    /// The same JSON as in files: keys in snake_case, null for numbers that are not defined.
    ///
    /// - Throws: ``OutputFailed``
    static func printJSON(_ value: some Encodable) throws {
        try printResult(String(decoding: JSONFile.encode(value), as: UTF8.self))
    }

    /// If stderr cannot be written, work goes on without messages.
    static func printError(_ text: String) { _ = write(text + "\n", to: STDERR_FILENO) }

    /// One line that is rewritten in place if stderr is a terminal that can do so, else plain lines.
    static func progress() -> TextProgress {
        let canRewrite = isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
        return TextProgress(
            style: canRewrite ? .terminal : .lines, width: { columns }, write: { _ = write($0, to: STDERR_FILENO) })
    }

    /// The width of the terminal at this moment; nil if it does not tell.
    private static var columns: Int? {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// - Returns: the error of the operating system; nil if all was written.
    private static func write(_ text: String, to file: Int32) -> Int32? {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(file, $0.baseAddress!, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                // Another program has made the file one that does not wait.
                var event = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
                poll(&event, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return nil
    }
}

/// The results could not be printed.
struct OutputFailed: Error, CustomStringConvertible {
    let problem: String

    var description: String { "standard output cannot be written: \(problem); the results in files are complete" }
}
