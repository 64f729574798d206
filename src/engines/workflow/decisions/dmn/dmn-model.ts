/** The hit policies of a decision table, as its corner says them. */
export const hitPolicies = ['U', 'A', 'P', 'F', 'R', 'O', 'C', 'C+', 'C<', 'C>', 'C#'] as const;
/** One of {@link hitPolicies}. */
export type HitPolicy = (typeof hitPolicies)[number];

/** The versions of DMN that are read and written, by the year in their namespace. */
export type DmnVersion = '1.2' | '1.3' | '1.4' | '1.5';

/** A name with a type: a variable, a parameter, a column. */
export interface Variable {
  name: string;
  /** As the model says it; its own types, FEEL's, or `alias.type` of an import. */
  type?: string;
}

/** One condition's column. */
export interface InputClause {
  id?: string;
  label?: string;
  /** FEEL. */
  expression: string;
  type?: string;
  /** Unary tests that the value must pass. */
  values?: string;
}

/** One result's column. */
export interface OutputClause {
  id?: string;
  label?: string;
  /** Needed where there are several. */
  name?: string;
  type?: string;
  /** The values it may have, which also is their order of priority. */
  values?: string;
  /** FEEL; what it is where no rule matches. */
  default?: string;
}

/** One row. */
export interface Rule {
  /** Stable: explanations name it. */
  id: string;
  /** Unary tests, one an input. */
  conditions: string[];
  /** FEEL, one an output. */
  results: string[];
  /** Texts of the annotation columns. */
  notes: string[];
}

/** A decision table as data. */
export interface DecisionTable {
  kind: 'table';
  hitPolicy: HitPolicy;
  inputs: InputClause[];
  outputs: OutputClause[];
  /** Headings of the annotation columns. */
  annotations: string[];
  rules: Rule[];
}

/** What every boxed expression may say of itself. */
export interface Boxed {
  id?: string;
  type?: string;
}

/** A boxed expression (DMN 1.5 § 10.2) as plain data. */
export type BoxedExpression = Boxed &
  (
    | DecisionTable
    | { kind: 'literal'; text: string }
    | { kind: 'context'; entries: { variable?: Variable; value: BoxedExpression }[] }
    | { kind: 'list'; entries: BoxedExpression[] }
    | { kind: 'relation'; columns: Variable[]; rows: BoxedExpression[][] }
    | { kind: 'invocation'; called: BoxedExpression; bindings: { name: string; value: BoxedExpression | null }[] }
    | { kind: 'function'; parameters: Variable[]; body: BoxedExpression | null; language: 'FEEL' | 'Java' | 'PMML' }
    | { kind: 'conditional'; test: BoxedExpression; yes: BoxedExpression; no: BoxedExpression }
    | { kind: 'for' | 'some' | 'every'; variable: string; in: BoxedExpression; body: BoxedExpression }
    | { kind: 'filter'; in: BoxedExpression; match: BoxedExpression }
  );

/** A type that the model defines. */
export interface ItemDefinition {
  name: string;
  type?: string;
  /** Unary tests on each value (of each entry, where it is a collection). */
  allowedValues?: string;
  /** Unary tests on the whole value. */
  typeConstraint?: string;
  isCollection: boolean;
  components: ItemDefinition[];
  function?: { parameters: Variable[]; result?: string };
}

/** What decisions, knowledge models and services have in common. */
export interface Named {
  id: string;
  name: string;
  description?: string;
}

/** A value that comes from outside. */
export interface InputData extends Named {
  variable: Variable;
}

/** A decision; what it needs is named by reference: `#id`, or `namespace#id` of an import. */
export interface Decision extends Named {
  variable: Variable;
  question?: string;
  allowedAnswers?: string;
  requiredDecisions: string[];
  requiredInputs: string[];
  requiredKnowledge: string[];
  logic: BoxedExpression | null;
}

/** A business knowledge model: a function that decisions call. */
export interface KnowledgeModel extends Named {
  variable: Variable;
  requiredKnowledge: string[];
  logic: BoxedExpression | null;
}

/** A decision service: decisions behind a call. */
export interface DecisionService extends Named {
  variable: Variable;
  outputDecisions: string[];
  encapsulatedDecisions: string[];
  inputDecisions: string[];
  inputData: string[];
}

/** Another model that this one uses, under a name. */
export interface Import {
  name: string;
  namespace: string;
  importType: string;
  locationUri?: string;
}

/** A model of decisions as plain data: it can be stored as JSON and hashed by its content. */
export interface DecisionModel {
  id?: string;
  name: string;
  namespace: string;
  version: DmnVersion;
  imports: Import[];
  types: ItemDefinition[];
  inputs: InputData[];
  decisions: Decision[];
  knowledge: KnowledgeModel[];
  services: DecisionService[];
}
