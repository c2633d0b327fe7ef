export declare function decodeUnverified(token: string): { header: Record<string, unknown>; payload: Record<string, unknown> };
