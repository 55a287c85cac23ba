/// The lessons of chapter 6.
var chapter6: [any Lesson.Type] {
    [
        AutomaticDifferentiation.self,
        SimpleRecurrence.self,
        Memory.self,
        GatedRecurrentUnits.self,
        LongShortTermMemory.self,
        CharactersAsNumbers.self,
        Stacks.self,
        OneLayer.self,
        TwoLayers.self,
        FrozenGRU.self,
    ]
}
