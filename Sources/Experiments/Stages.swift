/// The stages of a run, each a function of its context.
public enum Stages {}
