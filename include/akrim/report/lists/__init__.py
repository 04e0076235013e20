"""The lists of persons and of groups, as the report and the decision form have them: who stands in each, with what is told of everyone."""
