/// Stored flat, `{"kind":"cosine","base":0.003,"steps":20000,"warm_up":200,"final_fraction":0}`. Numbers outside of
/// their ranges are a decoding error.
extension LearningRateSchedule: Codable {
    private enum CodingKeys: String, CodingKey {
        case kind, base, steps, factor, every, plateau
        case warmUp = "warm_up"
        case finalFraction = "final_fraction"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(shape.kind, forKey: .kind)
        try container.encode(base, forKey: .base)
        try container.encode(steps, forKey: .steps)
        try container.encode(warmUp, forKey: .warmUp)
        switch shape {
        case .constant: break
        case .linear(let final), .exponential(let final), .cosine(let final):
            try container.encode(final, forKey: .finalFraction)
        case .step(let factor, let every):
            try container.encode(factor, forKey: .factor)
            try container.encode(every, forKey: .every)
        case .plateau(let rule):
            try container.encode(rule, forKey: .plateau)
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func number(_ key: CodingKeys) throws -> Double { try container.decode(Double.self, forKey: key) }
        base = try number(.base)
        steps = try container.decode(Int.self, forKey: .steps)
        warmUp = try container.decode(Int.self, forKey: .warmUp)
        switch try container.decode(ScheduleKind.self, forKey: .kind) {
        case .constant: shape = .constant
        case .linear: shape = try .linear(finalFraction: number(.finalFraction))
        case .exponential: shape = try .exponential(finalFraction: number(.finalFraction))
        case .step: shape = try .step(factor: number(.factor), every: container.decode(Int.self, forKey: .every))
        case .cosine: shape = try .cosine(finalFraction: number(.finalFraction))
        case .plateau: shape = try .plateau(container.decode(PlateauRule.self, forKey: .plateau))
        }
        if let complaint {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: complaint))
        }
    }
}
