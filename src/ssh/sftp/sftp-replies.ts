import {
  type Attributes,
  attributeFields,
  type Field,
  type NamedFile,
  packet,
  Status,
  Type,
} from './sftp-packets.ts';

export function okReply(id: number): Buffer {
  return statusReply(id, Status.ok, 'Success');
}

export function endOfFileReply(id: number): Buffer {
  return statusReply(id, Status.eof, 'End of file');
}

export function statusReply(id: number, status: number, message: string): Buffer {
  return packet(Type.status, { uint32: id }, { uint32: status }, { text: message }, { text: 'en' });
}

export function handleReply(id: number, handle: string): Buffer {
  return packet(Type.handle, { uint32: id }, { text: handle });
}

export function dataReply(id: number, bytes: Uint8Array): Buffer {
  return packet(Type.data, { uint32: id }, { bytes });
}

export function attributesReply(id: number, attributes: Attributes): Buffer {
  return packet(Type.attrs, { uint32: id }, ...attributeFields(attributes));
}

export function nameReply(id: number, files: readonly NamedFile[]): Buffer {
  const fields = files.flatMap(({ name, longName, attributes }) => [
    { text: name },
    { text: longName },
    ...attributeFields(attributes),
  ]);
  return packet(Type.name, { uint32: id }, { uint32: files.length }, ...fields);
}

/** The reply to realpath and readlink: a name without attributes. */
export function bareNameReply(id: number, name: string): Buffer {
  return nameReply(id, [{ name, longName: name, attributes: {} }]);
}

/** The reply to an extension, with its own fields. */
export function extendedReply(id: number, fields: readonly Field[]): Buffer {
  return packet(Type.extendedReply, { uint32: id }, ...fields);
}
