import { Acknowledgements } from './acknowledgements.js';

const answer = (revision: string, ...eventIds: string[]) => ({ customerId: 'c', revision, eventIds });

describe('The record of a chaos run', () => {
  it('is content with the same answer twice', () => {
    const record = new Acknowledgements();
    record.accepted('k', answer('1', 'e1'));
    record.accepted('k', answer('1', 'e1'));
    expect({ contradictions: record.contradictions, ids: record.eventIds() }).toEqual({
      contradictions: [],
      ids: ['e1'],
    });
  });

  it('notices a command that was carried out twice, lost its events or was taken back', () => {
    const record = new Acknowledgements();
    record.accepted('twice', answer('1', 'e1'));
    record.accepted('twice', answer('2', 'e1'));
    record.accepted('changed', answer('1', 'e2'));
    record.accepted('changed', answer('1', 'e3'));
    record.accepted('taken back', answer('1', 'e4'));
    record.refused('taken back', 'CONFLICT');
    expect(record.contradictions).toHaveLength(3);
  });

  it('lets a refused command be possible later', () => {
    const record = new Acknowledgements();
    record.refused('k', 'STAGE_GUARD_NOT_MET');
    record.accepted('k', answer('3', 'e1'));
    expect({ contradictions: record.contradictions, answered: record.answeredCount }).toEqual({
      contradictions: [],
      answered: 1,
    });
  });
});
