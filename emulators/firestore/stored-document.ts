import type { Document } from "./documents.ts";
import type { FieldPath } from "./field-path.ts";
import type { Shelf } from "./shelf.ts";
import type { Fields, Value } from "./value.ts";

/** A version of a document, whose fields lie on a shelf. There are many, so none has more than it needs. */
export class StoredDocument implements Document {
  readonly #collection: { readonly name: string };
  readonly #id: string;
  readonly #shelf: Shelf;
  readonly #place: number;
  readonly createTime: number;
  readonly updateTime: number;

  constructor(
    { fields, createTime, updateTime }: Document,
    { collection, id }: { readonly collection: { readonly name: string }; readonly id: string },
    shelf: Shelf,
  ) {
    this.#collection = collection;
    this.#id = id;
    this.#shelf = shelf;
    this.#place = shelf.put(fields);
    this.createTime = createTime;
    this.updateTime = updateTime;
  }

  get name(): string {
    return `${this.#collection.name}/${this.#id}`;
  }

  get fields(): Fields {
    return this.#shelf.fieldsAt(this.#place);
  }

  /** The value at a path, for which the other fields need not be read. */
  valueAt(path: FieldPath): Value | undefined {
    return this.#shelf.valueAt(this.#place, path);
  }

  /** Takes the fields off the shelf: this version is not known any more. */
  forget(): void {
    this.#shelf.drop(this.#place);
  }
}
