import { asType, type Place, resultTypeOf } from '../compile-feel.ts';
import { bindArguments } from '../feel/bind-arguments.ts';
import { anyType } from '../feel/feel-types.ts';
import type { FeelFunction, FeelValue } from '../feel/feel-value.ts';
import { Scope } from '../feel/scope.ts';
import type { DecisionService } from './dmn-model.ts';
import { type Asked, elementOf, type Part, valueOfElement } from './requirements.ts';

/**
 * A decision service as a function: its input data, then its input decisions are the parameters; its output decision is what it
 * answers, a context where there are several (DMN 1.5 § 10.4).
 */
export function compileService(service: DecisionService, part: Part, place: Place): (asked: Asked) => FeelFunction {
  const result = resultTypeOf(service.variable.type, place);
  const scope = new Scope(new Map(), part.types);
  return (asked) => {
    const inputs = [...service.inputData, ...service.inputDecisions].flatMap((href) => elementOf(href, part) ?? []);
    const outputs = service.outputDecisions.flatMap((href) => elementOf(href, part) ?? []);
    const parameters = inputs.map((element) => ({ name: element.variable, type: element.type ?? anyType }));
    return {
      type: 'function',
      parameters,
      result,
      invoke: (args, run) => {
        const bound = bindArguments(parameters, args, scope, run);
        if (!bound) return null;
        const known = new Map(inputs.map((element) => [element, bound.get(element.variable) ?? null] as const));
        const values = outputs.map(
          (output) => [output.variable, valueOfElement(output, { inputs: asked.inputs, known }, run)] as const,
        );
        const value: FeelValue = values.length === 1 ? values[0]![1] : new Map(values);
        return asType(value, result, place.types, service.name, run);
      },
    };
  };
}
